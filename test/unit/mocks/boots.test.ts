import { expect, test } from 'vitest';
import { count, hello, ping, result, run } from '../../../firmware-protocol/commands.ts';
import { armed, request, SET0, SLOT_US } from './armed.ts';

const slots = (count: number) => Array.from({ length: count }, () => [SET0]);

test('a reboot forgets batches, waves, arming and bad lines, says so, and starts its clock', () => {
  const { mock, client, prepare } = armed();
  const { boardTimeUs, bootNonce } = client.ask(hello, { proto: '1.0' });
  client.ask(run, { batch: 1, gapUs: 0, slots: slots(2) });
  mock.receive('noise\n#7 PING');
  client.received.length = 0;
  mock.reboot();

  expect(client.received).toEqual([expect.stringMatching(`^!BOOT boot=${mock.bootNonce}\\*`)]);
  expect(mock.bootNonce).not.toBe(bootNonce);
  expect(mock.isArmed).toBe(false);
  const after = client.ask(ping, {});
  expect(after).toEqual({
    bootNonce: mock.bootNonce,
    boardTimeUs: 0,
    armed: 'no',
    lastBatch: 0,
    badLines: 0,
    rests: 0,
  });
  expect(boardTimeUs).toBe(0);
  expect(client.ask(result, { batch: 1 }).state).toBe('none');
  expect(client.refusal(run, { batch: 1, gapUs: 0, slots: slots(1) })).toBe('not-armed batch');
  prepare();
  client.ask(run, { batch: 1, gapUs: 0, slots: slots(1) });
  expect(mock.batchesRun).toEqual([
    { bootNonce, batch: 1, slotsDone: 2 },
    { bootNonce: mock.bootNonce, batch: 1, slotsDone: 1 },
  ]);
});

test('gates go on aging over a reboot, and their counters stay', () => {
  const { mock, client } = armed();
  client.ask(run, { batch: 1, gapUs: 0, slots: slots(3) });
  const beforeV = mock.trueNodeV(0, 'SET');
  mock.reboot();
  expect(mock.trueNodeV(0, 'SET')).toBe(beforeV);
  mock.elapse(1);
  expect(mock.trueNodeV(0, 'SET')).toBeLessThan(beforeV);
  const { since, counts } = client.ask(count, { cells: [0, 1] });
  expect([since, ...counts]).toEqual(['ever', 3, 0, 0, 0]);
  expect(mock.totalPulses).toBe(3);
});

test('the seed decides the nonce of every boot', () => {
  const nonces = (seed: number) => {
    const { mock } = armed({ seed });
    const first = mock.bootNonce;
    mock.reboot();
    return [first, mock.bootNonce];
  };
  expect(nonces(3)).toEqual(nonces(3));
  expect(new Set([...nonces(3), ...nonces(4)]).size).toBe(4);
});

test.each([
  { afterSlots: 0, emitted: 0 },
  { afterSlots: 3, emitted: 3 },
  { afterSlots: 9, emitted: 5 },
])('a brown-out after $afterSlots of 5 slots leaves $emitted emitted and no reply', ({
  afterSlots,
  emitted,
}) => {
  const { mock, client } = armed();
  const { bootNonce } = mock;
  mock.brownOut(afterSlots);
  client.received.length = 0;
  mock.receive(request(9, run, { batch: 1, gapUs: 0, slots: slots(5) }) + request(10, ping, {}));

  expect(client.received).toEqual([expect.stringMatching(/^!BOOT /)]);
  expect(mock.pulsesApplied(0, 'SET')).toBe(emitted);
  expect(mock.batchesRun).toEqual([{ bootNonce, batch: 1, slotsDone: emitted }]);
  expect(client.ask(ping, {}).lastBatch).toBe(0);
});

test('a brown-out from within a batch ends it there', () => {
  const { mock, client } = armed();
  mock.onSlot = () => {
    if (mock.totalPulses === 2) mock.brownOut(0);
  };
  mock.receive(request(9, run, { batch: 1, gapUs: 0, slots: slots(5) }));
  expect(mock.pulsesApplied(0, 'SET')).toBe(2);
  expect(client.received.at(-1)).toMatch(/^!BOOT /);
  expect(mock.trueNodeV(0, 'RESET')).toBeLessThan(8.5);
});

test('without a log there is none to ask for', () => {
  const { mock } = armed({ batchLog: false });
  expect(() => mock.batchesRun).toThrow('expected batchLog: true');
});

test('a batch begins at its time, and says what was left', () => {
  const { client } = armed();
  const early = { batch: 1, gapUs: 0, atUs: 500_000, slots: slots(1) };
  const { startedUs, slackUs, boardTimeUs } = client.ask(run, early);
  expect([startedUs, slackUs, boardTimeUs]).toEqual([500_000, 500_000, 500_000 + SLOT_US]);
  const { slackUs: kept, slotsDone } = client.ask(result, { batch: 1 });
  expect([kept, slotsDone]).toEqual([500_000, undefined]);
});

test('a batch never begins late', () => {
  const { mock, client } = armed();
  mock.elapse(1);
  client.received.length = 0;
  mock.receive(request(9, run, { batch: 1, gapUs: 0, atUs: 999_990, slots: slots(1) }));
  expect(client.received[0]).toMatch(/^#9 ERR code=late field=at_us slack_us=-10\*/);
  expect(mock.totalPulses).toBe(0);
  expect(client.ask(run, { batch: 1, gapUs: 0, atUs: 1_000_000, slots: slots(1) }).slackUs).toBe(0);
});
