import { expect, test } from 'vitest';
import { arm, disarm, hello, ping, read, result, run, safe } from '../../../firmware-protocol/commands.ts';
import { createMock } from '../../../mocks/index.ts';
import { armed, request, SET0, SLOT_US, WIDTH_US } from './armed.ts';
import { prepare } from './wired.ts';

const wave0 = { maxAmplitudeV: 0.2236, maxWidthUs: WIDTH_US };
const eventsIn = (received: readonly string[]) =>
  received.filter((line) => line.startsWith('!')).map((line) => line.replace(/^(!\w+) boot=\d+|\*.*/g, '$1'));

test('each coming to rest counts, with its cause and on whose behalf, and every host is told', () => {
  const { mock, client } = armed();
  expect(client.ask(hello, { proto: '1.1' }).rests).toBe(0);
  expect(client.ask(ping, {})).toMatchObject({ rests: 0, restCause: undefined });

  expect(client.ask(safe, { host: 77 })).toMatchObject({ wasArmed: 'yes', rests: 1 });
  expect(eventsIn(client.received)).toEqual(['!REST rests=1 rest_cause=safe rest_host=77']);
  expect(client.ask(ping, {})).toMatchObject({ armed: 'no', rests: 1, restCause: 'safe', restHost: 77 });

  // Told again, since its reply may have been lost: the same rest.
  expect(client.ask(safe, { host: 77 })).toMatchObject({ wasArmed: 'no', rests: 1 });
  expect(client.ask(safe, { host: 78 })).toMatchObject({ wasArmed: 'no', rests: 2 });
  expect(client.ask(safe, {})).toMatchObject({ rests: 3 });
  expect(client.ask(safe, {})).toMatchObject({ rests: 4 });

  client.ask(arm, { ...wave0, host: 78 });
  expect(client.ask(disarm, { host: 78 }).rests).toBe(5);
  mock.bringToRest({ restCause: 'interlock', restHost: 0 });
  expect(client.ask(ping, {})).toMatchObject({ rests: 6, restCause: 'interlock', restHost: 0 });
});

test('ARM with a count of before is refused, and stays so until the host has looked', () => {
  const { mock, client } = armed();
  const { rests } = client.ask(safe, { host: 1 });
  expect(client.ask(arm, { ...wave0, rests, host: 1 })).toMatchObject({ rests });
  mock.bringToRest({ restCause: 'button', restHost: 0 });
  expect(client.refusal(arm, { ...wave0, rests, host: 1 })).toBe('rested rests');
  expect(mock.isArmed).toBe(false);
  client.ask(arm, { ...wave0, rests: 2, host: 1 });
  expect(mock.isArmed).toBe(true);
});

test('the dead-man names the host that it watched over', () => {
  const { client, hostTime } = armed();
  client.ask(arm, { ...wave0, holdMs: 300, host: 5 });
  hostTime.advance(400);
  expect(client.ask(ping, {})).toMatchObject({ armed: 'no', restCause: 'dead-man', restHost: 5 });
});

test('SAFE cuts the rest after a slot, however long it is', () => {
  const { mock, client, hostTime } = armed({ time: 'real' });
  mock.receive(request(90, run, { batch: 1, gapUs: 3_600_000_000, slots: [[SET0], [SET0]] }));
  hostTime.advance(SLOT_US / 1e3 + 1_000);
  client.received.length = 0;
  mock.receive(request(91, safe, {}));
  const replies = client.received.filter((line) => line.startsWith('#'));
  expect(replies[0]).toMatch(/^#90 OK batch=1 start_us=0 slots_done=1 t_us=1104\d{3} /);
  expect(replies[1]).toMatch(/^#91 OK t_us=1104\d{3} was_armed=yes rests=1/);
  expect(client.ask(result, { batch: 1 }).slotsDone).toBe(1);
});

test('SAFE is never refused: what it cannot read of it, the board lets go', () => {
  const { mock, client } = armed();
  client.received.length = 0;
  mock.receive('#9 SAFE host=none colour=red*58C2\n');
  expect(client.received.find((line) => line.startsWith('#'))).toMatch(/^#9 OK .*was_armed=yes/);
  expect(mock.isArmed).toBe(false);
});

test('a board of FNP/1.0 knows nothing of it', () => {
  const { mock, client } = armed({ protocol: '1.0' });
  expect(client.ask(hello, { proto: '1.1' })).toMatchObject({ proto: '1.0', rests: undefined });
  expect(client.ask(safe, {})).toEqual({ boardTimeUs: 0 });
  expect(client.received).toHaveLength(1);
  expect(client.ask(ping, {}).rests).toBeUndefined();
  expect(client.refusal(arm, { ...wave0, rests: 0 })).toBe('unknown-field rests');
  expect(mock.isArmed).toBe(false);
});

test('hosts that share a board each get their own answers, and all of its news', () => {
  const { board, end, join } = createMock({ preset: 'dam-a', cells: 8 });
  const other = join();
  const [one, two]: [string[], string[]] = [[], []];
  end.onSend = (bytes) => one.push(bytes);
  other.end.onSend = (bytes) => two.push(bytes);
  prepare(board);
  one.length = 0;

  const asked = request(7, read, { cells: [0] });
  end.receive(asked.slice(0, 9));
  other.end.receive(request(8, ping, {}));
  end.receive(asked.slice(9));
  expect(one.map((line) => line.slice(0, 5))).toEqual(['#7 OK']);
  expect(two.map((line) => line.slice(0, 5))).toEqual(['#8 OK']);

  other.end.receive(request(9, safe, { host: 3 }));
  expect(board.isArmed).toBe(false);
  expect(one.at(-1)).toMatch(/^!REST .*rest_host=3/);
  expect(two.at(-1)).toMatch(/^#9 OK .*was_armed=yes/);
  other.leave();
  board.reboot();
  expect(one.at(-1)).toMatch(/^!BOOT/);
  expect(two.at(-1)).toMatch(/^#9 OK/);
});
