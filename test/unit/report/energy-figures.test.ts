import { describe, expect, test } from 'vitest';
import { drawAll } from '../../../src/report/drawing.ts';
import { energyAccuracyFigure } from '../../../src/report/energy-accuracy-figure.ts';
import { energyFigure } from '../../../src/report/energy-figure.ts';
import { readAccuracyOverEnergy, readEnergySeries } from '../../../src/report/energy-series.ts';
import { energySpeedFigure } from '../../../src/report/energy-speed-figure.ts';
import { powersOfTen, spreadLabels } from '../../../src/report/log-axis.ts';
import { ratioFigure } from '../../../src/report/ratio-figure.ts';
import { svgFile } from '../../../src/report/svg-file.ts';
import { waterfallFigure } from '../../../src/report/waterfall-figure.ts';
import { RunReader } from '../../../src/store/run-reader.ts';
import { quietUpdate, runWith } from '../../support/run-rows.ts';

const textsOf = (svg: string) => Array.from(svg.matchAll(/<text [^>]*>([^<]+)<\/text>/g), ([, text]) => text);
const drawn = async (drawing: Parameters<typeof drawAll>[0][number]) => {
  const [figure] = await drawAll([drawing]);
  if (figure === undefined) throw new Error('nothing was drawn');
  expect(figure.svg).not.toMatch(/NaN|Infinity/);
  return figure;
};

describe('what stands behind the figures', () => {
  const update = (step: number, tunnelingFJ: number, noiseFJ: number) =>
    quietUpdate({
      step,
      energy_full_cycle_fj: 8,
      energy_half_cv2_fj: 5,
      energy_tunneling_fj: tunnelingFJ,
      energy_tunneling_noise_sigma_fj: noiseFJ,
      energy_drift_fj: 1,
      bound_matched_zj: step === 0 ? 0 : 10,
    });

  test('a ratio is said with its 95 % band, but not where sigma is not below the value or the bound is zero', async () => {
    const folder = await runWith([
      {
        step: { step: 0 },
        updates: [update(0, 3, 0), update(1, 3, 0.5), update(2, 3, 3), update(2, 3, 5), update(3, 3, 1)],
      },
    ]);
    const { ratio, uncertainRatios } = await RunReader.with(folder, readEnergySeries);
    const tunneling = ratio.filter(({ series }) => series === 'tunneling');
    expect(tunneling.map(({ step }) => step)).toEqual([1, 2, 3]);
    expect(tunneling[0]?.ratio).toBeCloseTo(3e5, 4);
    expect(tunneling[0]?.high).toBeCloseTo(3e5 * (1 + (1.96 * 0.5) / 3), 4);
    const uncertain = await runWith([{ step: { step: 0 }, updates: [update(1, 3, 4)] }]);
    const none = await RunReader.with(uncertain, readEnergySeries);
    expect(none.ratio.filter(({ series }) => series === 'tunneling')).toEqual([]);
    expect(none.uncertainRatios).toBe(1);
    expect(uncertainRatios).toBe(0);
    expect(ratioFigure(none).caption).toContain(
      '1 of 3 points are left out: their sigma is not below the value.',
    );
  });

  test('long runs are drawn by the means of neighboring steps', async () => {
    const folder = await runWith([
      { step: { step: 799 }, updates: [update(1, 2, 0), update(2, 4, 0), update(3, 8, 0)] },
    ]);
    const { energy } = await RunReader.with(folder, readEnergySeries);
    const tunneling = energy.filter(({ series }) => series === 'tunneling');
    expect(tunneling.map(({ step, energyFJ }) => [step, energyFJ])).toEqual([
      [0, 2],
      [2, 6],
    ]);
  });

  test('accuracy stands over what all cells had taken by then, steps without accuracy counted too', async () => {
    const folder = await runWith([
      { step: { step: 0, test_accuracy: 0.5 }, updates: [update(0, 3, 0)] },
      { step: { step: 1, test_accuracy: null }, updates: [update(1, 3, 0), update(1, 3, 0)] },
      { step: { step: 2, test_accuracy: 0.75 }, updates: [] },
    ]);
    expect(await RunReader.with(folder, readAccuracyOverEnergy)).toEqual([
      { step: 0, energyFJ: 12, accuracy: 0.5 },
      { step: 2, energyFJ: 36, accuracy: 0.75 },
    ]);
  });
});

describe('a logarithmic axis', () => {
  test('is a decade at least', () => {
    expect(powersOfTen([1e-3])).toEqual([1e-3, 1e-2]);
    expect(powersOfTen([3, 40])).toEqual([1, 100]);
    expect(powersOfTen([])).toEqual([0.1, 10]);
  });

  test('labels keep their order and their distance, inside the axis', () => {
    const labels = [5, 5.1, 90, 95, 99].map((value) => ({ series: String(value), value }));
    const places = spreadLabels(labels, [1, 100], 0.1).map(({ at }) => Math.log10(at) / 2);
    for (const [index, place] of places.entries())
      expect(place - (places[index - 1] ?? -1)).toBeGreaterThanOrEqual(0.1 - 1e-9);
    expect(places.at(-1)).toBeLessThanOrEqual(1);
  });
});

test('estimators and bounds share an axis; each is named once', async () => {
  const energy = ['full-cycle', 'tunneling', 'bound (matched)', 'bound (static)'].flatMap((series, index) =>
    [0, 1].map((step) => ({
      step,
      series,
      kind: index < 2 ? ('estimator' as const) : ('bound' as const),
      energyFJ: 10 ** (1 - 2 * index),
    })),
  );
  const { svg } = await drawn(energyFigure(energy));
  for (const { series } of energy) expect(textsOf(svg).filter((text) => text === series)).toHaveLength(1);
  expect(svg.match(/stroke-dasharray="6,3"/g)).toHaveLength(2);
});

test('a waterfall of several policies keeps the order of parts and shows a negative part as one', async () => {
  const { svg } = await drawn(
    waterfallFigure(
      ['matched', 'write-verify'].flatMap((series, index) => [
        { series, part: 'bound', energyFJ: 1e-5 },
        { series, part: 'excess tilt', energyFJ: index === 0 ? -2e-6 : 0.2 },
        { series, part: 'verify', energyFJ: index === 0 ? 0 : 14 },
        { series, part: 'cells in all', energyFJ: 20, isSubtotal: true },
      ]),
    ),
  );
  const texts = textsOf(svg);
  const parts = ['bound', 'excess tilt', 'verify', 'cells in all'];
  expect(texts.filter((text) => parts.includes(text ?? ''))).toEqual(parts);
  for (const label of ['10.0 zJ', '−2.00 zJ', '200 aJ', '0', '14.0 fJ', 'matched', 'write-verify'])
    expect(texts).toContain(label);
});

test('energy against accuracy and against speed name their series; what cost nothing is not on a logarithmic axis', async () => {
  const policies = ['matched', 'constant-step'];
  const accuracy = await drawn(
    energyAccuracyFigure(
      policies.flatMap((series) => [0, 5, 50].map((energyFJ) => ({ series, energyFJ, accuracy: 0.9 }))),
    ),
  );
  const speed = await drawn(
    energySpeedFigure(
      policies.flatMap((series, index) =>
        [1, 2].map((factor) => ({
          series,
          label: `${factor} ms`,
          energyFJ: 50 * factor,
          sigmaFJ: index === 0 ? 2 : 400,
          boardTimeS: 10 / factor,
        })),
      ),
    ),
  );
  for (const policy of policies) {
    expect(textsOf(accuracy.svg)).toContain(policy);
    expect(textsOf(speed.svg)).toContain(policy);
  }
  expect(textsOf(speed.svg)).toContain('2 ms');
});

test('a figure as a file is escaped, and as wide as what it holds', () => {
  const file = svgFile({ title: 'a < b & c', svg: '<svg width="900" height="50"><g/></svg>' }, ['x > y']);
  expect(file).toContain('a &#60; b &#38; c');
  expect(file).toContain('x &#62; y');
  expect(file).toMatch(/^<svg [^>]*width="932"/);
});
