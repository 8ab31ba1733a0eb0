import { expect, test } from 'vitest';
import { Suspender } from '../../../src/daemon/suspender.ts';

const well = { badChecksums: 0, badForms: 0, roundTripMs: 2 };

test('outside of its temperatures a run rests until it was inside for long enough', () => {
  const suspender = new Suspender({ temperatureK: { min: 290, max: 310 }, settleS: 10 });
  const at = (atS: number, temperatureK: number | undefined) =>
    suspender.observe({ atMs: atS * 1e3, link: well, temperatureK }) !== undefined;
  expect([at(0, 300), at(1, 311), at(2, 300), at(11, 300), at(12, 300)]).toEqual([
    false,
    true,
    true,
    true,
    false,
  ]);
  // Once more outside, and the time begins anew.
  expect([at(13, 289), at(14, 300), at(20, 289), at(24, 300), at(33, 300), at(34, 300)]).toEqual([
    true,
    true,
    true,
    true,
    true,
    false,
  ]);
  // A board without a sensor is taken at its word.
  expect(at(40, undefined)).toBe(false);
});

test('damaged lines count for a minute', () => {
  const suspender = new Suspender({ badLinesPerMin: 5, settleS: 0 });
  const at = (atS: number, lines: number) =>
    suspender.observe({
      atMs: atS * 1e3,
      link: { ...well, badChecksums: lines - 1, badForms: 1 },
      temperatureK: undefined,
    });
  // What there was before counts for nothing.
  expect(at(0, 100)).toBeUndefined();
  expect(at(10, 105)).toBeUndefined();
  expect(at(20, 106)).toBe('6 damaged lines in the last minute are more than 5.');
  expect(at(69, 106)).toBeDefined();
  expect(at(81, 106)).toBeUndefined();
});

test('slow round trips count as they are, and bands may change', () => {
  const suspender = new Suspender({ roundTripMs: 50, settleS: 0 });
  const slow = { atMs: 1, link: { ...well, roundTripMs: 51 }, temperatureK: 300 };
  expect(suspender.observe(slow)).toBe('A round trip of 51.0 ms is longer than 50 ms.');
  suspender.bands = undefined;
  expect(suspender.observe({ ...slow, atMs: 2 })).toBeUndefined();
});

test('damaged lines of the connection before are not forgotten, nor subtracted', () => {
  const suspender = new Suspender({ badLinesPerMin: 5, settleS: 0 });
  const at = (atS: number, badForms: number) =>
    suspender.observe({ atMs: atS * 1e3, link: { ...well, badForms }, temperatureK: undefined });
  expect([at(0, 0), at(10, 4)]).toEqual([undefined, undefined]);
  expect(at(20, 1)).toBeUndefined();
  expect(at(30, 2)).toContain('6 damaged lines');
  expect(at(71, 2)).toBeUndefined();
});
