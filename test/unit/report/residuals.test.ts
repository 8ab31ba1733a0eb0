import { describe, expect, test } from 'vitest';
import type { Calibration } from '../../../src/chip/calibration.ts';
import { recordedStages } from '../../../src/report/calibration/recorded-stages.ts';
import { type Residual, residualBands, residualsOf } from '../../../src/report/calibration/residuals.ts';
import { damA, syntheticCalibration } from '../../support/synthetic-calibration.ts';

function residualsOfAll(calibration: Calibration, k2Factor = 1): Residual[] {
  const { board, given, readNoiseV } = calibration;
  const settings = { board, dacGain: given.dacGain, validNodeV: damA.validNodeV };
  return calibration.points.flatMap((points, index) => {
    const parameters = calibration.nodes[index]?.fit?.parameters;
    if (parameters === undefined) return [];
    const { tunneling } = parameters;
    return residualsOf(
      points.node,
      recordedStages(points, settings),
      { ...parameters, tunneling: { ...tunneling, k2V: k2Factor * tunneling.k2V } },
      { readNoiseV, nodeCapacitanceFF: given.nodeCapacitanceFF },
    );
  });
}

const rms = (residuals: readonly Residual[]) =>
  Math.sqrt(residuals.reduce((sum, { sigmas }) => sum + sigmas ** 2, 0) / residuals.length);

describe('residuals', () => {
  const calibration = syntheticCalibration(damA, { fitErrors: false });

  test('of the true parameters are standard normal', () => {
    const residuals = residualsOfAll(calibration);
    expect(residuals.length).toBeGreaterThan(64 * 140);
    expect(rms(residuals)).toBeGreaterThan(0.97);
    expect(rms(residuals)).toBeLessThan(1.03);
  });

  test('show parameters that are wrong', () => {
    expect(rms(residualsOfAll(calibration, 1.001))).toBeGreaterThan(2);
  });

  test('leave out readings beyond the valid range', () => {
    const [first] = calibration.points;
    if (first === undefined) throw new Error('no points');
    const clipped = { ...first, code: first.code.map((code, index) => (index === 7 ? 2 ** 23 - 1 : code)) };
    const changed = { ...calibration, points: [clipped] };
    expect(residualsOfAll(changed).length).toBe(first.code.filter((code) => code !== null).length - 2);
    expect(rms(residualsOfAll(changed))).toBeLessThan(1.3);
  });
});

test('bands hold the middle 90 % of equal parts of the residuals', () => {
  const residuals = Array.from({ length: 1000 }, (_, index) => ({
    node: 0,
    timeS: index < 500 ? 1 : 2,
    sigmas: (index % 500) / 50 - 5,
  }));
  expect(residualBands(residuals, 2)).toEqual([
    {
      timeS: 1,
      low: expect.closeTo(-4.5, 1),
      middle: expect.closeTo(0, 1),
      high: expect.closeTo(4.5, 1),
    },
    {
      timeS: 2,
      low: expect.closeTo(-4.5, 1),
      middle: expect.closeTo(0, 1),
      high: expect.closeTo(4.5, 1),
    },
  ]);
  expect(residualBands(residuals.slice(0, 19), 5)).toEqual([]);
});
