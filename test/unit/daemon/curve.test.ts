import fc from 'fast-check';
import { Subject } from 'rxjs';
import { expect, test } from 'vitest';
import { LiveCurves, MOST_JOBS } from '../../../src/daemon/api/live-curves.ts';
import { Curve, type CurvePoint, MOST_POINTS } from '../../../src/daemon/curve.ts';
import type { LabEvent } from '../../../src/daemon/lab.ts';

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

test('a long run keeps its course while many short ones come and go, of which the oldest are forgotten', () => {
  const events = new Subject<LabEvent>();
  const curves = new LiveCurves(events);
  const step = (job: string, number: number) =>
    events.next({
      ...{ kind: 'step', board: 'left', runId: job, job, updates: 1, timeNs: '1' },
      ...at(number),
    } as LabEvent);
  for (let short = 0; short < 3 * MOST_JOBS; short += 1) {
    step('long', short);
    step(`short-${short}`, 0);
  }
  expect(curves.pointsOf('long')).toHaveLength(3 * MOST_JOBS);
  expect(curves.pointsOf('short-0')).toEqual([]);
  expect(curves.pointsOf(`short-${3 * MOST_JOBS - 1}`)).toEqual([at(0)]);
});
