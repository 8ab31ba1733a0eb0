import { describe, expect, test } from 'vitest';
import { type ClockSample, ClockSync, sampleIntervalMs } from '../../../src/board/clock-sync.ts';
import { seededRandom } from '../../../src/core/random.ts';

/** A board behind a link with delays of 0 to `jitterMs` each way, 1 % of them 20 to 200 ms; its skew swings. */
function boardBehindLink(
  seed: number,
  { jitterMs = 2, skewPpm = 100, swingPpm = 2, leastMs = 0, leastBackMs = 0 } = {},
) {
  const random = seededRandom(seed, 'clock');
  const uniform = () => random.integer(1e9) / 1e9;
  const phase = uniform() * 2 * Math.PI;
  const perMs = (2 * Math.PI) / 600_000;
  const startUs = uniform() * 1e9;
  const boardUs = (hostMs: number) =>
    startUs +
    hostMs * (1000 + skewPpm / 1000) -
    (swingPpm / 1000 / perMs) * (Math.cos(perMs * hostMs + phase) - Math.cos(phase));
  const delayMs = () => (uniform() < 0.01 ? 20 + 180 * uniform() : jitterMs * uniform());
  const ping = (sentMs: number): ClockSample => {
    const atMs = sentMs + leastMs + delayMs();
    return { sentMs, receivedMs: atMs + leastBackMs + delayMs(), boardTimeUs: Math.floor(boardUs(atMs)) };
  };
  return { boardUs, ping, startMs: uniform() * 1e8 };
}

const rms = (errors: readonly number[]) =>
  Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);

/** Errors of the board time at the last answer and `aheadMs` later, and of the first in its sigma. */
function errorsOf(
  runs: number,
  seconds: readonly number[],
  link: Parameters<typeof boardBehindLink>[1] = {},
) {
  const errors = { nowUs: [] as number[], aheadUs: [] as number[], inSigma: [] as number[], rejected: 0 };
  for (let seed = 0; seed < runs; seed += 1) {
    const { boardUs, ping, startMs } = boardBehindLink(seed, link);
    const sync = new ClockSync();
    let nowMs = startMs;
    for (const second of seconds) {
      while (nowMs < startMs + second * 1000) {
        const sample = ping(nowMs + sampleIntervalMs(nowMs - startMs));
        sync.add(sample);
        nowMs = sample.receivedMs;
      }
      const errorUs = (sync.boardTimeUsAt(nowMs) ?? 0) - boardUs(nowMs);
      errors.nowUs.push(errorUs);
      errors.aheadUs.push((sync.boardTimeUsAt(nowMs + 1000) ?? 0) - boardUs(nowMs + 1000));
      errors.inSigma.push(errorUs / (sync.estimate?.uncertaintyUs ?? 0));
    }
    errors.rejected += sync.estimate?.rejected ?? 0;
  }
  return errors;
}

describe('delays of 0 to 2 ms, rare ones of 200 ms, 100 ppm of skew that swings by 2 ppm', () => {
  const settled = errorsOf(20, [7, 10, 15, 20, 30, 60, 120, 300, 600]);

  test('board time is right to 40 us rms, and so is that of one second ahead', () => {
    expect(rms(settled.nowUs)).toBeLessThan(40);
    expect(rms(settled.aheadUs)).toBeLessThan(40);
  });

  test('errors are what the uncertainty says', () => {
    expect(rms(settled.inSigma)).toBeGreaterThan(0.6);
    expect(rms(settled.inSigma)).toBeLessThan(2);
    expect(Math.max(...settled.inSigma.map(Math.abs))).toBeLessThan(4);
  });

  test('late answers contradict nothing', () => {
    expect(settled.rejected).toBe(0);
  });

  test('five seconds are enough for 50 us', () => {
    expect(rms(errorsOf(40, [5]).aheadUs)).toBeLessThan(50);
  });
});

test('a quicker link gives a better clock', () => {
  expect(rms(errorsOf(10, [10, 60, 120], { jitterMs: 0.25 }).aheadUs)).toBeLessThan(12);
});

test('a least delay of both ways costs nothing', () => {
  expect(rms(errorsOf(10, [10, 60], { leastMs: 0.2, leastBackMs: 0.2 }).aheadUs)).toBeLessThan(30);
});

test('a least delay of one way only is inside the uncertainty', () => {
  const { nowUs, inSigma } = errorsOf(10, [10, 60], { jitterMs: 0.1, leastMs: 0.5 });
  expect(rms(nowUs)).toBeLessThan(260);
  expect(rms(inSigma)).toBeLessThan(2);
});

test('skew is found, and host time is the inverse of board time', () => {
  const { ping } = boardBehindLink(1, { skewPpm: -250, swingPpm: 0 });
  const sync = new ClockSync();
  for (let ms = 0; ms < 20_000; ms += 50) sync.add(ping(ms));
  expect(sync.estimate?.skewPpm).toBeCloseTo(-250, -1);
  expect(sync.hostMsAt(sync.boardTimeUsAt(21_000) ?? 0)).toBeCloseTo(21_000, 6);
  expect(sync.uncertaintyUsAt(60_000)).toBeGreaterThan(sync.uncertaintyUsAt(21_000) ?? 0);
});

test('before the first sample and after a reset nothing is claimed', () => {
  const sync = new ClockSync();
  const nothing = () =>
    [sync.estimate, sync.boardTimeUsAt(1), sync.hostMsAt(1), sync.uncertaintyUsAt(1)].every(
      (value) => value === undefined,
    );
  expect(nothing()).toBe(true);
  sync.add({ sentMs: 0, receivedMs: 2, boardTimeUs: 5_000_000 });
  expect(sync.boardTimeUsAt(1)).toBeCloseTo(5_000_000, -2);
  expect(sync.estimate?.uncertaintyUs).toBeLessThan(1000);
  sync.reset();
  expect(nothing()).toBe(true);
});

test('an answer that is quicker than all others by chance moves the clock by little', () => {
  const { ping, boardUs } = boardBehindLink(1, { leastMs: 1, leastBackMs: 1, swingPpm: 0 });
  const sync = new ClockSync();
  for (let ms = 0; ms < 10_000; ms += 10) sync.add(ping(ms));
  const errorUs = () => (sync.boardTimeUsAt(10_000) ?? 0) - boardUs(10_000);
  const beforeUs = errorUs();
  sync.add({ sentMs: 10_000, receivedMs: 10_001.5, boardTimeUs: Math.floor(boardUs(10_000.1)) });
  expect(Math.abs(errorUs() - beforeUs)).toBeLessThan(40);
  expect(Math.abs(errorUs())).toBeLessThan(50);
});

describe('samples that contradict the others', () => {
  const settledSync = () => {
    const { ping, boardUs } = boardBehindLink(3, { swingPpm: 0 });
    const sync = new ClockSync();
    for (let ms = 0; ms < 5000; ms += 50) sync.add(ping(ms));
    return { sync, ping, boardUs };
  };

  test('a single one is counted and changes nothing', () => {
    const { sync, ping, boardUs } = settledSync();
    const before = sync.boardTimeUsAt(6000);
    sync.add({ ...ping(5000), boardTimeUs: boardUs(5000) + 1e6 });
    expect(sync.boardTimeUsAt(6000)).toBe(before);
    expect(sync.estimate?.rejected).toBe(1);
  });

  test('an answer before its question is one', () => {
    const { sync, boardUs } = settledSync();
    sync.add({ sentMs: 5000, receivedMs: 4999, boardTimeUs: boardUs(5000) });
    sync.add({ sentMs: Number.NaN, receivedMs: 5001, boardTimeUs: boardUs(5000) });
    expect(sync.estimate?.rejected).toBe(2);
  });

  test('a host that was suspended is believed after four', () => {
    const { sync, ping, boardUs } = settledSync();
    const sleepUs = 60e6;
    for (let ms = 5050; ms <= 5250; ms += 50) {
      const sample = ping(ms);
      sync.add({ ...sample, boardTimeUs: sample.boardTimeUs + sleepUs });
    }
    expect(Math.abs((sync.boardTimeUsAt(5250) ?? 0) - boardUs(5250) - sleepUs)).toBeLessThan(1000);
    expect(sync.estimate).toMatchObject({ rejected: 4, samples: 5 });
  });
});

test('memory is bounded by number and by age', () => {
  const sync = new ClockSync({ maxSamples: 10, windowMs: 1000 });
  const { ping } = boardBehindLink(1);
  for (let ms = 0; ms < 1000; ms += 10) sync.add(ping(ms));
  expect(sync.estimate?.samples).toBe(10);
  sync.add(ping(5000));
  expect(sync.estimate?.samples).toBe(1);
});
