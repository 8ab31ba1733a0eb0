import { describe, expect, test } from 'vitest';
import { tunnelingOfOxide } from '../../../calibration/physics/oxide.ts';
import type { Calibration } from '../../../src/chip/calibration.ts';
import { mapNodes } from '../../../src/report/calibration/array-map.ts';
import { cellSpreads } from '../../../src/report/calibration/cell-spread.ts';
import { comparisons } from '../../../src/report/calibration/comparison.ts';
import { goodNodes, rateAt } from '../../../src/report/calibration/fitted-nodes.ts';
import { quantile, spread, thinned } from '../../../src/report/calibration/statistics.ts';
import { damA, syntheticCalibration } from '../../support/synthetic-calibration.ts';

const calibration = syntheticCalibration(damA, { masked: { 5: 'leaky', 6: 'dead' } });
const row = (name: string, of: Calibration = calibration) => {
  const found = comparisons(of, damA).find((each) => each.name.startsWith(name));
  if (found === undefined) throw new Error(`no row ${name}`);
  return found;
};

describe('beside theory', () => {
  test('k2: median, spread and sigma over the good nodes only, theory from the thickness', () => {
    const good = goodNodes(calibration);
    expect(good.length).toBe(62);
    const k2V = good.map(({ fit }) => fit.parameters.tunneling.k2V).sort((left, right) => left - right);
    const k2 = row('k2');
    expect(k2.nodes).toBe(62);
    expect(k2.median).toBe(((k2V[30] ?? 0) + (k2V[31] ?? 0)) / 2);
    expect(k2.sigma).toBeCloseTo(0.1, 9);
    expect(k2.commonSigma).toBeCloseTo(k2.median * 500e-6, 9);
    expect(k2.theory.value).toBe(tunnelingOfOxide(damA.oxide).k2V);
    expect(k2.theory.sigma / k2.theory.value).toBeCloseTo(0.01, 9);
    expect(k2.ratio?.value).toBeCloseTo(k2.median / k2.theory.value, 12);
  });

  test('the sigma of theory is what thickness, area and C_T make of it', () => {
    const by = (part: 'thicknessNm' | 'areaUm2' | 'nodeCapacitanceFF', rel: number) => {
      const { k1PerS } = tunnelingOfOxide(damA.oxide);
      return tunnelingOfOxide({ ...damA.oxide, [part]: damA.oxide[part] * (1 + rel) }).k1PerS / k1PerS - 1;
    };
    const parts = Math.hypot(
      by('thicknessNm', 1e-6),
      5 * by('areaUm2', 1e-6),
      2 * by('nodeCapacitanceFF', 1e-6),
    );
    const k1 = row('k1');
    expect(k1.theory.sigma / k1.theory.value).toBeCloseTo(parts * 1e4, 5);
    expect(k1.median / damA.tunneling.k1PerS).toBeCloseTo(1, 1);
  });

  test('a read gain that is off moves k2, eta and the rate by their common sigmas', () => {
    const gain = 1 + calibration.given.readGainRel;
    const moved: Calibration = {
      ...calibration,
      nodes: calibration.nodes.map((node) =>
        node.fit === null
          ? node
          : {
              ...node,
              fit: {
                ...node.fit,
                parameters: {
                  ...node.fit.parameters,
                  tunneling: {
                    ...node.fit.parameters.tunneling,
                    k2V: gain * node.fit.parameters.tunneling.k2V,
                  },
                  couplingRel: gain * node.fit.parameters.couplingRel,
                },
              },
            },
      ),
    };
    for (const name of ['k2', 'free decay']) {
      const shift = Math.abs(row(name, moved).median - row(name).median);
      expect(shift / row(name).commonSigma).toBeCloseTo(1, 1);
    }
    const eta = row('coupling');
    expect(eta.commonSigma / eta.median).toBeCloseTo(Math.hypot(500e-6, 100e-6), 9);
    expect(row('k1', moved).median).toBe(row('k1').median);
  });

  test('the rate is known far better than k1 and k2 alone', () => {
    const fit = calibration.nodes[0]?.fit;
    if (!fit) throw new Error('no fit');
    expect(rateAt(fit, 8.3).sigmaRel).toBeCloseTo(0.003, 4);
    expect(Math.sqrt(fit.covariance[0]?.[0] ?? 0)).toBeGreaterThan(0.01);
  });

  test('a temperature coefficient only where there was a temperature', () => {
    expect(row('temperature').theory.value).toBeCloseTo(0.747, 3);
    expect(row('temperature').median / row('temperature').theory.value).toBeCloseTo(1, 1);
    const without = comparisons(syntheticCalibration(damA, { sensor: false }), damA);
    expect(without.map(({ name }) => name).filter((name) => name.startsWith('temperature'))).toEqual([]);
  });
});

test('what the record did not tell is not compared', () => {
  expect(row('read offset').isPrior).toBe(false);
  expect(row('temperature').ratio).not.toBe(null);
  const { nodes } = calibration;
  const vague: Calibration = {
    ...calibration,
    nodes: nodes.map((node) => {
      if (node.fit === null) return node;
      const covariance = node.fit.covariance.map((entries, at) =>
        entries.map((entry, other) => (at === 4 && other === 4 ? 0.29 ** 2 : entry)),
      );
      return { ...node, fit: { ...node.fit, covariance } };
    }),
  };
  expect(row('temperature', vague)).toMatchObject({ isPrior: true, ratio: null });
});

test('nodes stand in the map at the place of their cell, masked ones without numbers', () => {
  const nodes = mapNodes(calibration);
  expect(nodes.length).toBe(64);
  // Nodes 5 and 6: R of cell 2, S of cell 3; 8 columns.
  expect(nodes[5]).toMatchObject({ row: 0, column: 2, kind: 'R', letter: 'L', k2V: null, rateRel: null });
  expect(nodes[6]).toMatchObject({ row: 0, column: 3, kind: 'S', letter: 'D', couplingRel: null });
  expect(nodes[23]).toMatchObject({ row: 1, column: 3, kind: 'R', letter: '', verdict: 'good' });
  expect(nodes[23]?.k2V).toBe(calibration.nodes[23]?.fit?.parameters.tunneling.k2V);
  const rates = nodes.flatMap(({ rateRel }) => (rateRel === null ? [] : [rateRel]));
  expect(quantile(rates, 0.5)).toBeCloseTo(1, 9);
});

test('histograms hold every good node, and the expected curve as many', () => {
  const spreads = cellSpreads(calibration, damA);
  expect(spreads.length).toBe(3);
  for (const { bins, expected } of spreads) {
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(62);
    const [bin] = bins;
    const [first, second] = expected;
    if (bin === undefined || first === undefined || second === undefined) throw new Error('nothing drawn');
    const area = expected.reduce((sum, { count }) => sum + count, 0) * (second.value - first.value);
    expect(area / (bin.to - bin.from)).toBeCloseTo(62, 0);
  }
  // Mismatch of the rate, 1.2 %, and 0.3 % of its fit.
  expect(spreads[1]?.expectedSigma).toBeCloseTo(Math.hypot(0.012, 0.003), 4);
});

test('robust statistics', () => {
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(quantile([0, 10], 0.25)).toBe(2.5);
  expect(quantile([], 0.5)).toBeNaN();
  expect(spread([1, 2, 3, 4, 1000])).toBeCloseTo(1.4826, 9);
  expect(thinned([1, 2, 3, 4, 5, 6], 3)).toEqual([1, 3, 5]);
});
