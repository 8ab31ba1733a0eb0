import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createMock } from '../../../mocks/index.ts';
import { boardOn, type Tampering, wireTo } from '../../support/wire.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const nowMs = () => performance.now();
/** Lets the ticks pass that an exchange takes. */
async function exchanged<T>(promise: Promise<T>): Promise<T> {
  await vi.advanceTimersByTimeAsync(5);
  return promise;
}

const pingsIn = (sent: readonly string[]) => sent.filter((line) => line.includes(' PING')).length;

async function bench(time: 'real' | 'virtual', tampering: Tampering = {}) {
  const skewPpm = time === 'real' ? 100 : undefined;
  // Each way takes a tick of the timers: no time at all would leave the clock next to nothing to find out.
  const { board: mock, end } = createMock({ preset: 'dam-a', cells: 8, time, skewPpm, jitterMs: 0.1 });
  const startedMs = nowMs();
  const wire = wireTo(end, tampering);
  return { mock, wire, startedMs, board: await exchanged(boardOn(wire)) };
}

test('a board in real time is asked often at first and less often later, and its clock is known', async () => {
  const { board, wire, startedMs } = await bench('real');
  expect(board.boardTimeUsAt(nowMs())).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(pingsIn(wire.sent)).toBeGreaterThan(80);
  const before = wire.sent.length;
  await vi.advanceTimersByTimeAsync(8_000);
  expect(board.clockEstimate?.skewPpm).toBeCloseTo(100, 0);
  expect(board.boardTimeUsAt(nowMs())).toBeCloseTo((nowMs() - startedMs) * 1000.1, -1);
  expect(board.hostMsAt(board.boardTimeUsAt(nowMs()) ?? 0)).toBeCloseTo(nowMs(), 6);
  const later = wire.sent.length;
  expect(later - before).toBeLessThan(750);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(pingsIn(wire.sent.slice(later))).toBeLessThan(900);
  await exchanged(board.close());
  expect(vi.getTimerCount()).toBe(0);
});

test('virtual time follows no host, and no PING is spent on it', async () => {
  const { board, wire } = await bench('virtual');
  await exchanged(board.ping());
  await vi.advanceTimersByTimeAsync(500);
  expect(pingsIn(wire.sent)).toBe(1);
  expect([board.boardTimeUsAt(nowMs()), board.hostMsAt(1), board.clockEstimate]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  await exchanged(board.close());
});

test('a new boot has a new clock, of which nothing is claimed before it has answered', async () => {
  const { board, mock, wire } = await bench('real');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(board.boardTimeUsAt(nowMs())).toBeGreaterThan(9e6);
  const rebootedMs = nowMs();
  mock.reboot();
  await vi.advanceTimersByTimeAsync(1);
  expect(board.bootNonce).toBe(mock.bootNonce);
  expect(board.boardTimeUsAt(nowMs())).toBeUndefined();
  await exchanged(board.ping());
  expect(board.clockEstimate?.samples).toBeLessThan(4);
  const before = wire.sent.length;
  await vi.advanceTimersByTimeAsync(2_000);
  expect(pingsIn(wire.sent.slice(before))).toBeGreaterThan(150);
  expect(board.boardTimeUsAt(nowMs())).toBeCloseTo((nowMs() - rebootedMs) * 1000.1, -1);
  await exchanged(board.close());
});

test('a link that is down is waited for; the clock goes on, and is asked again afterwards', async () => {
  const { board, wire, startedMs } = await bench('real');
  await vi.advanceTimersByTimeAsync(10_000);
  wire.unplug();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(board.boardTimeUsAt(nowMs())).toBeCloseTo((nowMs() - startedMs) * 1000.1, -2);
  const before = wire.sent.length;
  wire.plug();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(pingsIn(wire.sent.slice(before))).toBeGreaterThan(10);
  await exchanged(board.close());
});

test('stamps are of the line that was answered, not of the question that waited for room', async () => {
  let isSlow = false;
  const { board } = await bench('real', { toHost: (line) => (isSlow ? undefined : line) });
  isSlow = true;
  const asked = board.ping();
  await vi.advanceTimersByTimeAsync(2_500);
  isSlow = false;
  await vi.advanceTimersByTimeAsync(2_500);
  const { sentMs, receivedMs } = await asked;
  expect(receivedMs - sentMs).toBeLessThan(10);
  await exchanged(board.close());
});
