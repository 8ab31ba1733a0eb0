import { expect, test } from 'vitest';
import { arm, hello, ping, result, run, safe } from '../../../firmware-protocol/commands.ts';
import { createMockBoard } from '../../../mocks/index.ts';
import { clientOf } from '../../support/mock-client.ts';
import { armed, request, SET0, SLOT_US } from './armed.ts';

const slots = (count: number) => Array.from({ length: count }, () => [SET0]);
const batch1 = (count: number) => request(90, run, { batch: 1, gapUs: 0, slots: slots(count) });
const verbsOf = (received: readonly string[]) => received.map((line) => line.replace(/\*.*/, ''));
const repliesOf = (received: readonly string[]) => verbsOf(received).filter((line) => line.startsWith('#'));

test('PING tells the time of its handling, by a crystal that may run fast', () => {
  const { client, hostTime } = armed({ time: 'real', skewPpm: 100 });
  expect(client.ask(hello, { proto: '1.0' }).clock).toBe('real');
  hostTime.advance(1000);
  expect(client.ask(ping, {}).boardTimeUs).toBe(1_000_100);
  hostTime.advance(0.0125);
  expect(client.ask(ping, {}).boardTimeUs).toBe(1_000_112);
});

test('a batch takes its time, requests wait for it, and a new boot has a new clock', () => {
  const { mock, client, hostTime } = armed({ time: 'real' });
  client.received.length = 0;
  mock.receive(batch1(2) + request(91, ping, {}));
  hostTime.advance((2 * SLOT_US) / 1e3 - 1);
  expect(client.received).toEqual([]);
  hostTime.advance(3);
  expect(verbsOf(client.received)).toEqual([
    expect.stringMatching(`^#90 OK batch=1 start_us=0 t_us=${2 * SLOT_US} codes=.{16}$`),
    expect.stringMatching(/^#91 OK boot=\d+ t_us=2\d{5} armed=yes last_batch=1/),
  ]);
  mock.reboot();
  hostTime.advance(5);
  expect(client.ask(ping, {}).boardTimeUs).toBe(5_000);
});

test('SAFE ends a batch with its slot, and disarms at once for what waits behind it', () => {
  const { mock, client, hostTime } = armed({ time: 'real' });
  mock.receive(batch1(5) + request(91, run, { batch: 2, gapUs: 0, slots: slots(1) }));
  hostTime.advance((1.5 * SLOT_US) / 1e3);
  client.received.length = 0;
  mock.receive(request(92, safe, {}));
  expect(mock.isArmed).toBe(false);
  expect(repliesOf(client.received)).toEqual([]);
  hostTime.advance(SLOT_US / 1e3);
  expect(repliesOf(client.received)).toEqual([
    expect.stringMatching(`^#90 OK batch=1 start_us=0 slots_done=2 t_us=${2 * SLOT_US} codes=.{16}$`),
    '#91 ERR code=not-armed field=batch',
    expect.stringMatching(/^#92 OK t_us=/),
  ]);
  expect(mock.pulsesApplied(0, 'SET')).toBe(2);
  expect(client.ask(result, { batch: 1 }).slotsDone).toBe(2);
});

test('the dead-man does so too, and lines count when they arrive', () => {
  const { mock, client, hostTime } = armed({ time: 'real', holdMs: 300 });
  mock.receive(batch1(20));
  hostTime.advance(250);
  mock.receive(request(91, ping, {}));
  hostTime.advance(250);
  expect(mock.isArmed).toBe(true);
  client.received.length = 0;
  hostTime.advance(400);
  expect(repliesOf(client.received)[0]).toMatch(/^#90 OK batch=1 start_us=0 slots_done=6 /);
  expect(mock.isArmed).toBe(false);
});

test('a batch with a time begins exactly then, and SAFE does not wait for it', () => {
  const { mock, client, hostTime } = armed({ time: 'real' });
  hostTime.advance(0.5);
  mock.receive(request(90, run, { batch: 1, gapUs: 0, atUs: 50_250, slots: slots(1) }));
  hostTime.advance(200);
  expect(client.received.at(-1)).toMatch(
    `#90 OK batch=1 start_us=50250 slack_us=49750 t_us=${50_250 + SLOT_US}`,
  );
  mock.receive(request(91, run, { batch: 2, gapUs: 0, atUs: 900_000_000, slots: slots(1) }));
  hostTime.advance(1);
  client.received.length = 0;
  mock.receive(request(92, safe, {}));
  expect(repliesOf(client.received)).toEqual([
    '#91 OK batch=2 start_us=201500 slack_us=899799500 slots_done=0 t_us=201500 codes=',
    '#92 OK t_us=201500 was_armed=yes rests=1',
  ]);
});

test('what exceeds window or rx_bytes is answered busy, in its turn; SAFE never is', () => {
  const { mock, client, hostTime } = armed({ time: 'real' });
  client.received.length = 0;
  mock.receive(batch1(1));
  for (let id = 91; id <= 98; id += 1) mock.receive(request(id, ping, {}));
  mock.receive(request(99, safe, {}));
  hostTime.advance(SLOT_US / 1e3 + 2);
  expect(repliesOf(client.received).map((line) => line.split(' ', 2).join(' '))).toEqual(
    [90, 91, 92, 93, 94, 95, 96, 97, 98, 99].map((id) => `#${id} ${id === 98 ? 'ERR' : 'OK'}`),
  );
  expect(client.received.at(-2)).toMatch(/code=busy field=window/);

  const long = armed({ time: 'real' });
  const long1000 = (id: number, batch: number) => request(id, run, { batch, gapUs: 0, slots: slots(430) });
  for (let id = 90; id < 96; id += 1) long.mock.receive(long1000(id, id - 89));
  long.mock.receive(request(96, safe, {}));
  long.hostTime.advance(SLOT_US / 1e3 + 2);
  expect(long.client.received.filter((line) => line.includes('code=busy field=rx_bytes'))).toHaveLength(2);
});

test('a reboot drops what waits, a brown-out ends a batch that takes its time', () => {
  const { mock, client, hostTime } = armed({ time: 'real' });
  mock.receive(batch1(5) + request(91, ping, {}));
  hostTime.advance((2.5 * SLOT_US) / 1e3);
  client.received.length = 0;
  mock.brownOut(3);
  hostTime.advance(10_000);
  expect(client.received).toEqual([expect.stringMatching(/^!BOOT /)]);
  expect(mock.batchesRun.map(({ slotsDone }) => slotsDone)).toEqual([3]);
});

test('on the system clock too', async () => {
  const mock = createMockBoard({ preset: 'dam-a', cells: 8, time: 'real' });
  const client = clientOf(mock);
  client.ask(arm, { maxAmplitudeV: 1, maxWidthUs: 1000 });
  const startMs = performance.now();
  const reply = new Promise<string>((resolve) => {
    mock.onSend = resolve;
  });
  mock.receive(request(90, run, { batch: 1, gapUs: 30_000, slots: [[]] }));
  // The board's timers keep no process alive; this one does.
  const alive = setInterval(() => {}, 1000);
  expect(await reply).toMatch(/^#90 OK batch=1 /);
  clearInterval(alive);
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(29);
});
