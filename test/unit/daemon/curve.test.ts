import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Curve, type CurvePoint, MOST_POINTS } from '../../../src/daemon/curve.ts';

const at = (step: number): CurvePoint => ({
  step,
  trainAccuracy: null,
  testAccuracy: 0.5,
  updatesSoFar: step,
  energyPerUpdateFJ: null,
  boundsPerUpdateZJ: null,
});

test('a curve of any length has a bounded number of points, in order, evenly apart, with the last step', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20_000 }), (steps) => {
      const curve = new Curve();
      for (let step = 0; step < steps; step += 1) curve.add(at(step));
      const shown = curve.points.map(({ step }) => step);
      expect(shown.length).toBeLessThanOrEqual(MOST_POINTS + 1);
      expect(shown.length).toBeGreaterThanOrEqual(Math.min(steps, MOST_POINTS / 2));
      expect(shown.at(-1)).toBe(steps - 1);
      const apart = shown.slice(1, -1).map((step, index) => step - (shown[index] ?? 0));
      expect(new Set(apart).size).toBeLessThanOrEqual(1);
    }),
    { numRuns: 30 },
  );
});

test('a run that goes on from an earlier step goes on from there on its curve', () => {
  const curve = new Curve();
  for (const step of [0, 1, 2, 3, 2]) curve.add(at(step));
  expect(curve.points.map(({ step }) => step)).toEqual([0, 1, 2]);
});
