import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createMockBoard } from '../../../mocks/index.ts';
import { batchCapacity } from '../../../src/board/batch-capacity.ts';
import { boardOn, wireTo } from '../../support/wire.ts';

const BYTES_PER_S = 11_520;
const WAVE = { wave: 0, amplitudeV: 0.2236, widthUs: 200_000 };
const PULSES = batchCapacity({ lineBytes: 4096 }, BYTES_PER_S);
const batch = (id: number) => ({
  batch: id,
  gapUs: 0,
  slots: Array.from({ length: PULSES }, () => [{ cell: 0, kind: 'SET' as const, wave: 0 }]),
});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a line keeps a slow wire busy for a tenth of a second, a fast one carries what fits the board', () => {
  expect(PULSES * 4).toBeLessThanOrEqual(BYTES_PER_S / 10);
  expect(PULSES * 4).toBeGreaterThan(BYTES_PER_S / 12);
  expect(batchCapacity({ lineBytes: 4096 }, Number.POSITIVE_INFINITY)).toBe(491);
  expect(batchCapacity({ lineBytes: 4096 }, 960)).toBe(24);
});

test('on a slow wire lines are handed over as it takes them, and SAFE waits behind two at most', async () => {
  let isSilent = false;
  const wire = wireTo(
    createMockBoard({ preset: 'dam-a', cells: 8 }),
    { toHost: (line) => (isSilent ? undefined : line) },
    { bytesPerS: BYTES_PER_S },
  );
  const board = await boardOn(wire);
  await board.define([WAVE]);
  await board.arm();
  await vi.advanceTimersByTimeAsync(1_000);
  isSilent = true;
  const before = wire.sent.length;
  for (let id = 1; id <= 6; id += 1) board.run(batch(id)).catch(() => {});
  await vi.advanceTimersByTimeAsync(0);
  const bytes = () => wire.sent.slice(before).reduce((sum, line) => sum + line.length + 1, 0);
  expect(bytes() / BYTES_PER_S).toBeLessThan(0.25);

  // It never runs dry: after each while, as much was handed over as the wire has carried by then.
  for (const ms of [100, 200, 300, 400]) {
    await vi.advanceTimersByTimeAsync(100);
    expect(bytes()).toBeGreaterThanOrEqual(Math.min(6 * PULSES * 4, (BYTES_PER_S * ms) / 1e3));
  }
  board.makeSafe({ by: 'a person' }).catch(() => {});
  await vi.advanceTimersByTimeAsync(0);
  expect(wire.sent.at(-1)).toContain(' SAFE');
  board.close().catch(() => {});
});
