import { describe, expect, test } from 'vitest';
import { chi2Z } from '../../../calibration/fit/diagnostics.ts';
import { fitArray } from '../../../calibration/fit/fit-array.ts';
import { fitNode } from '../../../calibration/fit/fit-node.ts';
import { judgeNode } from '../../../calibration/fit/judge-node.ts';
import { electronV, filterPoint, NodeFilter, SIZE } from '../../../calibration/fit/node-filter.ts';
import type { NodeParameters } from '../../../calibration/fit/node-parameters.ts';
import type { NodeSeries } from '../../../calibration/fit/node-series.ts';
import { predictDrop } from '../../../calibration/fit/predict.ts';
import { replay } from '../../../calibration/fit/replay.ts';
import { cholesky, entryAt, solveWith } from '../../../calibration/linear/symmetric.ts';
import { manyStages, nominal, READ_NOISE_V, settings, synthetic } from './synthetic-node.ts';

const other: NodeParameters = {
  tunneling: { k1PerS: 1.26e13, k2V: 300.4 },
  couplingRel: 0.203,
  offsetV: 4e-4,
  temperatureScale: 1,
};
const noise = { readVariance: READ_NOISE_V ** 2, electronV: electronV(1000) };
const options = { readNoiseV: READ_NOISE_V };

const altered = (series: NodeSeries, change: (readV: Float64Array) => void): NodeSeries => {
  const readV = Float64Array.from(series.readV);
  change(readV);
  return { ...series, readV };
};
const at = (values: Float64Array, index: number): number => values[index] ?? Number.NaN;

describe('the filter', () => {
  test('has the slopes that differences have', () => {
    const stages = manyStages
      .slice(0, 24)
      .map((stage, index) => ({ ...stage, temperatureK: 300 + (index % 5) }));
    const series = synthetic(other, stages, { seed: 1 });
    const start = filterPoint(other, 8.2);
    const innovationsAt = (change: Partial<typeof start>) => {
      const filter = new NodeFilter({ ...start, ...change }, noise);
      const found: number[] = [];
      replay(series, filter, new Uint8Array(stages.length), () => found.push(filter.innovationV));
      return found;
    };
    const changes: [keyof typeof start, number][] = [
      ['lnRate', 1e-4],
      ['k2V', 1e-3],
      ['couplingRel', 1e-6],
      ['offsetV', 1e-6],
      ['temperatureScale', 1e-4],
    ];
    const filter = new NodeFilter(start, noise);
    replay(series, filter, new Uint8Array(stages.length));
    // The information matrix is made of slopes alone, so differences of innovations must give it too.
    const slopes = changes.map(([name, change]) => {
      const above = innovationsAt({ [name]: start[name] + change });
      const below = innovationsAt({ [name]: start[name] - change });
      return above.map((innovation, index) => (innovation - (below[index] ?? 0)) / (2 * change));
    });
    const weights: number[] = [];
    const weighing = new NodeFilter(start, noise);
    replay(series, weighing, new Uint8Array(stages.length), () =>
      weights.push(1 / weighing.innovationVariance),
    );
    for (let row = 0; row < SIZE; row += 1) {
      for (let column = 0; column <= row; column += 1) {
        const sum = weights.reduce(
          (total, weight, index) =>
            total + weight * (slopes[row]?.[index] ?? 0) * (slopes[column]?.[index] ?? 0),
          0,
        );
        const found = at(filter.information, entryAt(row, column));
        const scale = Math.sqrt(
          at(filter.information, entryAt(row, row)) * at(filter.information, entryAt(column, column)),
        );
        expect(Math.abs(found - sum)).toBeLessThan(3e-3 * scale);
      }
    }
  });

  test('has the chi square of correlated differences of readings', () => {
    const stages = manyStages.slice(0, 9);
    const series = synthetic(other, stages, { seed: 2 });
    const filter = new NodeFilter(filterPoint(other, 8.2), noise);
    replay(series, filter, new Uint8Array(stages.length));

    // The whole covariance of the readings: shot noise that walks and is forgotten, reading noise on top.
    const walk = new NodeFilter(filterPoint(other, 8.2), { ...noise, readVariance: 0 });
    const memory: number[] = [];
    const shot: number[] = [];
    const residual: number[] = [];
    const model = new NodeFilter(filterPoint(other, 8.2), { readVariance: 1e-30, electronV: 0 });
    model.observe(at(series.readV, 0));
    for (let index = 1; index < stages.length; index += 1) {
      const { durationS, amplitudeV = 0 } = stages[index] ?? { durationS: 0 };
      walk.forget();
      walk.observe(model.expectedV);
      walk.propagate(durationS, amplitudeV, 300);
      shot.push(walk.variance);
      memory.push(-at(walk.slopes, 3));
      model.propagate(durationS, amplitudeV, 300);
      residual.push(at(series.readV, index) - model.expectedV);
    }
    const size = residual.length;
    const covariance = new Float64Array((size * (size + 1)) / 2);
    // State of stage i is carried on from each stage before it by the product of memories; the first reading's noise too.
    const carried = (from: number, to: number) =>
      memory.slice(from, to).reduce((product, m) => product * m, 1);
    for (let row = 0; row < size; row += 1) {
      for (let column = 0; column <= row; column += 1) {
        let sum = READ_NOISE_V ** 2 * carried(0, row + 1) * carried(0, column + 1);
        for (let stage = 0; stage <= column; stage += 1)
          sum += (shot[stage] ?? 0) * carried(stage + 1, row + 1) * carried(stage + 1, column + 1);
        if (row === column) sum += READ_NOISE_V ** 2;
        covariance[entryAt(row, column)] = sum;
      }
    }
    const factor = cholesky(covariance, size);
    if (factor === undefined) throw new Error('not positive definite');
    const solved = solveWith(factor, Float64Array.from(residual));
    const chi2 = residual.reduce((sum, value, index) => sum + value * at(solved, index), 0);
    expect(filter.chi2 / chi2).toBeCloseTo(1, 2);
  });
});

describe('the fit of a node', () => {
  test('finds parameters that are not there yet, within their sigmas', () => {
    const far: NodeParameters = { ...other, tunneling: { k1PerS: 2e13, k2V: 310 }, couplingRel: 0.25 };
    const fit = fitNode(synthetic(far, manyStages, { seed: 3 }), settings, options);
    if (fit === undefined) throw new Error('no fit');
    const sigma = (index: number) => Math.sqrt(fit.covariance[index]?.[index] ?? 0);
    expect(Math.abs(fit.parameters.tunneling.k2V - 310)).toBeLessThan(4 * sigma(1));
    expect(Math.abs(Math.log(fit.parameters.tunneling.k1PerS / 2e13))).toBeLessThan(4 * sigma(0));
    expect(Math.abs(fit.parameters.couplingRel - 0.25)).toBeLessThan(4 * sigma(2));
    expect(sigma(1)).toBeLessThan(1);
    expect(sigma(2)).toBeLessThan(1e-3);
  });

  test('is the same from wherever it begins', () => {
    const series = synthetic(other, manyStages, { seed: 4 });
    const fits = [nominal, { ...nominal, tunneling: { k1PerS: 1.5e13, k2V: 295 }, couplingRel: 0.18 }].map(
      (start) => fitNode(series, { ...settings, start }, options)?.parameters,
    );
    expect(fits[1]?.tunneling.k2V).toBeCloseTo(fits[0]?.tunneling.k2V ?? 0, 1);
    expect(fits[1]?.couplingRel).toBeCloseTo(fits[0]?.couplingRel ?? 0, 4);
  });

  test('says how ln k1 and k2 hang together: rates are known far better than either', () => {
    const fit = fitNode(synthetic(other, manyStages, { seed: 5 }), settings, options);
    if (fit === undefined) throw new Error('no fit');
    const [[varianceK1 = 0, both = 0] = [], [, varianceK2 = 0] = []] = fit.covariance;
    expect(both / Math.sqrt(varianceK1 * varianceK2)).toBeGreaterThan(0.99);
    const lnRateVariance = varianceK1 - (2 * both) / 8 + varianceK2 / 64;
    expect(Math.sqrt(lnRateVariance)).toBeLessThan(0.01);
    expect(Math.sqrt(varianceK1)).toBeGreaterThan(0.03);
  });

  test('finds the temperature coefficient where the temperature moved, and leaves it alone where not', () => {
    const strong: NodeParameters = { ...other, temperatureScale: 1.3 };
    const stages = manyStages.map((stage, index) => ({
      ...stage,
      temperatureK: 300 + 5 * Math.sin(index / 20),
    }));
    const moved = fitNode(synthetic(strong, stages, { seed: 6 }), settings, options);
    const sigma = Math.sqrt(moved?.covariance[4]?.[4] ?? 0);
    expect(sigma).toBeLessThan(0.1);
    expect(Math.abs((moved?.parameters.temperatureScale ?? 0) - 1.3)).toBeLessThan(4 * sigma);
    const still = fitNode(synthetic(strong, manyStages, { seed: 6 }), settings, options);
    expect(still?.parameters.temperatureScale).toBeCloseTo(1, 6);
  });

  test('sets single readings aside, and starts anew behind a jump', () => {
    const series = synthetic(other, manyStages, { seed: 7 });
    const spoiled = altered(series, (readV) => {
      readV[40] = at(readV, 40) + 1e-3;
      readV[90] = at(readV, 90) - 5e-4;
    });
    const clean = fitNode(series, settings, options);
    const fit = fitNode(spoiled, settings, options);
    expect(fit?.diagnostics.outliers).toBe(2);
    expect(chi2Z(fit?.diagnostics.chi2 ?? 0, fit?.diagnostics.dof ?? 0)).toBeLessThan(4);
    expect(fit?.parameters.tunneling.k2V).toBeCloseTo(clean?.parameters.tunneling.k2V ?? 0, 0);
    const first = altered(series, (readV) => {
      readV[0] = at(readV, 0) + 2e-3;
    });
    expect(judgeNode(first, settings, READ_NOISE_V).verdict).toBe('good');
  });

  test('goes on behind a time that nobody knows', () => {
    const stages = manyStages.map((stage, index) => (index === 80 ? { ...stage, durationS: 500 } : stage));
    const series = synthetic(other, stages, { seed: 8 });
    const durationS = Float64Array.from(series.durationS);
    durationS[80] = Number.NaN;
    const { verdict, fit } = judgeNode({ ...series, durationS }, settings, READ_NOISE_V);
    expect(verdict).toBe('good');
    expect(fit?.diagnostics.points).toBe(160);
    expect(fit?.diagnostics.dof).toBe(160 - 2 - 3);
  });

  test('predicts a pulse, with the sigma that its covariance gives', () => {
    const fits = Array.from({ length: 60 }, (_, seed) => {
      const fit = fitNode(synthetic(other, manyStages, { seed: 100 + seed }), settings, options);
      if (fit === undefined) throw new Error('no fit');
      return predictDrop(fit, { nodeV: 8.3, amplitudeV: 2, widthS: 0.1, temperatureK: 300 });
    });
    const mean = fits.reduce((sum, { dropV }) => sum + dropV, 0) / fits.length;
    const spread = Math.sqrt(
      fits.reduce((sum, { dropV }) => sum + (dropV - mean) ** 2, 0) / (fits.length - 1),
    );
    const sigma = fits.reduce((sum, { sigmaV }) => sum + sigmaV, 0) / fits.length;
    expect(sigma / mean).toBeLessThan(0.01);
    // 60 fits tell a standard deviation to 9 %.
    expect(spread / sigma).toBeGreaterThan(0.7);
    expect(spread / sigma).toBeLessThan(1.35);
  });
});

describe('the verdict', () => {
  const series = synthetic(other, manyStages, { seed: 9 });
  const verdictOf = (found: NodeSeries) => {
    const { verdict, reason } = judgeNode(found, settings, READ_NOISE_V);
    return { verdict, reason };
  };

  test('good has no reason', () => {
    expect(verdictOf(series)).toEqual({ verdict: 'good', reason: null });
  });

  test('dead at the end of the converter, and far from any valid voltage', () => {
    expect(verdictOf(altered(series, (readV) => readV.fill(Number.POSITIVE_INFINITY)))).toMatchObject({
      verdict: 'dead',
      reason: 'of 160 readings 160 were at the end of the converter and 0 beyond 5.5 to 9.2 V',
    });
    expect(verdictOf(altered(series, (readV) => readV.fill(0.01))).verdict).toBe('dead');
  });

  test('clipped where only some are', () => {
    const found = altered(series, (readV) => readV.fill(Number.POSITIVE_INFINITY, 0, 20));
    expect(verdictOf(found)).toEqual({
      verdict: 'clipped',
      reason: '20 of 160 readings were at the end of the converter',
    });
  });

  test('stuck where it neither decays nor answers', () => {
    const stuck = synthetic({ ...other, tunneling: { k1PerS: 1, k2V: 300 } }, manyStages, { seed: 10 });
    expect(verdictOf(stuck).verdict).toBe('stuck');
  });

  test.each([8e-6, 3e-5, 8e-5])('leaky where it loses %s of its voltage a second besides', (leakPerS) => {
    const leaky = synthetic(other, manyStages, { seed: 11, leakPerS });
    const { verdict, reason } = verdictOf(leaky);
    expect(verdict).toBe('leaky');
    expect(reason).toContain('a leak of about');
  });

  test('not Fowler-Nordheim where it obeys another law', () => {
    const linear = altered(series, (readV) =>
      readV.forEach((_, index) => {
        readV[index] = 8.5 - 0.004 * index + 1e-4 * Math.sin(7 * index);
      }),
    );
    expect(verdictOf(linear).verdict).toBe('not-fowler-nordheim');
  });

  test('not Fowler-Nordheim where pulses do not reach it', () => {
    const uncoupled = synthetic({ ...other, couplingRel: 0.02 }, manyStages, { seed: 12 });
    expect(verdictOf(uncoupled).reason).toContain('pulses boost it by 0.09');
  });

  test('too few points', () => {
    expect(verdictOf(synthetic(other, manyStages.slice(0, 8), { seed: 13 }))).toEqual({
      verdict: 'too-few-points',
      reason: 'it was read 8 times, expected at least 12',
    });
  });
});

test('an array tells its own noise, whatever was expected of it', () => {
  const array = Array.from({ length: 24 }, (_, node) => ({
    ...synthetic(other, manyStages, { seed: 200 + node, readV: 20e-6 }),
    node,
  }));
  const { nodes, readNoiseV, readNoiseSigmaV } = fitArray(array, settings);
  expect(Math.abs(readNoiseV - 20e-6)).toBeLessThan(1e-6);
  expect(readNoiseSigmaV).toBeLessThan(1e-6);
  expect(nodes.every(({ verdict }) => verdict === 'good')).toBe(true);
});

test('chi square as a normal deviate', () => {
  expect(chi2Z(100, 100)).toBeCloseTo(0.047, 2);
  // Upper 2.275 % of 100 degrees of freedom, from tables: 129.56 is 2.5 %, 135.81 is 1 %.
  expect(chi2Z(129.56, 100)).toBeCloseTo(1.96, 2);
  expect(chi2Z(135.81, 100)).toBeCloseTo(2.326, 2);
});
