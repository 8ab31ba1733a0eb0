import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fowlerNordheim, tunnelingOfOxide } from '../../../calibration/physics/oxide.ts';
import { relaxV, tunnelingDropV } from '../../../calibration/physics/tunneling.ts';
import { fieldPoint, fieldPointsOf, lineLnDensity } from '../../../src/report/calibration/field-points.ts';
import { intervalsOf } from '../../../src/report/calibration/intervals.ts';
import { type RecordedStage, recordedStages } from '../../../src/report/calibration/recorded-stages.ts';
import { residualsOf } from '../../../src/report/calibration/residuals.ts';
import { damA, syntheticCalibration } from '../../support/synthetic-calibration.ts';

const node = damA.tunneling;
const oxide = { nodeCapacitanceFF: 1000, areaUm2: 5.2 };

/** Current over that of the line, less one. */
const offLine = ({ perV, lnDensity }: { perV: number; lnDensity: number }, line = node) =>
  Math.expm1(lnDensity - lineLnDensity(perV, line, oxide));

describe('a fall of any size', () => {
  const startV = fc.double({ min: 6.5, max: 9.2, noNaN: true });
  const lnElapsed = fc.double({ min: Math.log(1e-3), max: Math.log(1e6), noNaN: true });

  test('lies on the line', () => {
    fc.assert(
      fc.property(startV, lnElapsed, (fromV, ln) => {
        const dropV = tunnelingDropV(fromV, 0, Math.exp(ln), node);
        // Below, the difference of two voltages has too few digits left.
        fc.pre(dropV > 1e-9);
        const point = fieldPoint(fromV, fromV - dropV, Math.exp(ln), node.k2V, oxide);
        expect(Math.abs(offLine(point))).toBeLessThan(1e-5);
      }),
    );
  });

  test('hardly depends on the k2 that places it, where drop over time would be far off', () => {
    const dropV = tunnelingDropV(8.5, 0, 60, node);
    const point = (k2V: number) => fieldPoint(8.5, 8.5 - dropV, 60, k2V, oxide);
    expect(Math.abs(offLine(point(1.02 * node.k2V)))).toBeLessThan(1e-3);
    const naive = { perV: 1 / 8.5, lnDensity: Math.log((1e-3 * 1000 * dropV) / (5.2 * 60 * 8.5 ** 2)) };
    expect(offLine(naive)).toBeLessThan(-0.1);
  });
});

test('the line of an oxide is the law itself: ln(A/t^2) - B t/V', () => {
  const { prefactorAPerV2, exponentVPerM } = fowlerNordheim(damA.oxide);
  const thicknessM = damA.oxide.thicknessNm * 1e-9;
  const perV = 1 / 8.2;
  expect(
    lineLnDensity(perV, tunnelingOfOxide(damA.oxide), { ...oxide, areaUm2: damA.oxide.areaUm2 }),
  ).toBeCloseTo(Math.log(prefactorAPerV2 / thicknessM ** 2) - exponentVPerM * thicknessM * perV, 9);
});

describe('the points of a node', () => {
  const calibration = syntheticCalibration(damA, { rows: 1, columns: 2, noise: false, sensor: false });
  const settings = {
    board: calibration.board,
    dacGain: calibration.given.dacGain,
    validNodeV: damA.validNodeV,
  };
  const pointsOf = (index: number) => {
    const points = calibration.points[index];
    const fit = calibration.nodes[index]?.fit;
    if (points === undefined || !fit) throw new Error(`node ${index} has no points`);
    const record = recordedStages(points, settings);
    return {
      tunneling: fit.parameters.tunneling,
      points: fieldPointsOf(intervalsOf(index, record, fit.parameters), calibration.readNoiseV, oxide),
    };
  };

  test.each([0, 1, 2, 3])('lie on its own line to what a converter step leaves, node %i', (index) => {
    const { points, tunneling } = pointsOf(index);
    for (const method of ['free decay', 'pulse'] as const) {
      const own = points.filter((point) => point.method === method);
      expect(own.length).toBeGreaterThan(10);
      // A step of 1.2 µV of a fall of 340 µV at least.
      for (const point of own) expect(Math.abs(offLine(point, tunneling))).toBeLessThan(0.004);
      const mean = own.reduce((sum, point) => sum + offLine(point, tunneling), 0) / own.length;
      expect(Math.abs(mean)).toBeLessThan(0.001);
    }
  });
});

describe('time that nobody knows', () => {
  const parameters = { tunneling: node, couplingRel: 0.2, offsetV: 0, temperatureScale: 1 };
  // Two decays of 150 ms, each too short for a point; then slower ones, a long and unknown time later.
  const record = recordBetween([0.15, 0.15, null, 0.15, 2, 2]);

  /** Readings of a node from 8.5 V with so much time between; null: 1,000 s that nobody noted. */
  function recordBetween(durationsS: readonly (number | null)[]): RecordedStage[] {
    let nodeV = 8.5;
    return [0, ...durationsS].map((durationS) => {
      nodeV = relaxV(nodeV, durationS ?? 1000, node);
      return { durationS, amplitudeV: 0, temperatureK: 300, readV: nodeV };
    });
  }

  test('is not reached over by intervals', () => {
    const intervals = intervalsOf(0, record, parameters);
    expect(intervals.length).toBe(5);
    for (const { fromV, toV } of intervals) expect(fromV - toV).toBeLessThan(1e-3);
  });

  test('is not reached over by points', () => {
    // The first decay alone is too short; without the gap it would be joined to those after it.
    for (const skipped of [0, 1]) {
      const points = fieldPointsOf(intervalsOf(0, record.slice(skipped), parameters), 8e-6, oxide);
      expect(points.length).toBeGreaterThan(0);
      for (const point of points) expect(Math.abs(offLine(point))).toBeLessThan(1e-6);
    }
  });

  test('has no residual', () => {
    const residuals = residualsOf(0, record, parameters, { readNoiseV: 8e-6, nodeCapacitanceFF: 1000 });
    expect(residuals.length).toBe(5);
    for (const { sigmas } of residuals) expect(Math.abs(sigmas)).toBeLessThan(1e-6);
  });
});
