import { describe, expect, test } from 'vitest';
import { assuming } from '../../../calibration/bounds/assumptions.ts';
import { boundNames } from '../../../calibration/bounds/training-bounds.ts';
import { models } from '../../../calibration/models.ts';
import { type AskedTraining, compareBounds } from '../../../src/report/bound-comparison.ts';
import { boundFigure } from '../../../src/report/bound-figure.ts';
import { boundFigureData } from '../../../src/report/bound-figure-data.ts';
import { drawAll } from '../../../src/report/drawing.ts';

const own: AskedTraining = { title: 'mine', parameters: 1e6, operations: 1e9 };

function model(name: string) {
  const found = models[name];
  if (found === undefined) throw new Error(`no model ${name}`);
  return found;
}

describe('a comparison of bounds', () => {
  const comparison = compareBounds({ training: model('gpt-3'), given: { temperatureK: 77 } });

  test('joules, kT and kWh of a bound are one energy', () => {
    for (const name of boundNames) {
      const { perUpdateJ, perUpdateKT, totalJ, totalKWh } = comparison.bounds[name];
      expect((perUpdateJ * 3.14e23) / totalJ).toBeCloseTo(1, 12);
      expect((totalKWh * 3.6e6) / totalJ).toBeCloseTo(1, 12);
      expect((perUpdateKT * 1.380649e-23 * 77) / perUpdateJ).toBeCloseTo(1, 12);
    }
  });

  test('accelerators stand beside them: 15 pJ an operation is what GPT-3 took, 1.3 GWh', () => {
    expect(comparison.accelerators.map(({ totalKWh }) => totalKWh)).toEqual([
      expect.closeTo(8722, 0),
      expect.closeTo(1.308e6, -3),
    ]);
    const [projected] = comparison.accelerators;
    expect(projected?.overMatched).toBeCloseTo(
      (projected?.totalJ ?? 0) / comparison.bounds.matched.totalJ,
      6,
    );
  });

  test('each input says where its value is from', () => {
    const provenance = ({ assumptions }: typeof comparison) =>
      Object.fromEntries(assumptions.map((row) => [row.name, row.provenance]));
    expect(provenance(comparison)).toMatchObject({
      parameters: 'published',
      operations: 'published',
      temperatureK: 'given',
      bits: 'assumed',
      exponent: 'derived',
    });
    expect(provenance(compareBounds({ training: model('brain-scale'), given: {} }))).toMatchObject({
      parameters: 'published',
      operations: 'assumed',
    });
    expect(provenance(compareBounds({ training: own, given: {} }))).toMatchObject({
      parameters: 'given',
      operations: 'given',
    });
  });

  test('bits that the converter does not resolve are a warning, at its resolution none', () => {
    const warnings = (converterBits: number) =>
      compareBounds({ training: own, given: {}, converterBits }).warnings;
    expect(warnings(16)).toEqual([]);
    expect(warnings(14)).toEqual([expect.stringContaining("16 bits are more than the converter's 14")]);
  });

  test('where the published band cannot be compared, the rest is still said', () => {
    const hasty = compareBounds({ training: own, given: { trainingS: 1 } });
    expect(hasty.publishedBand.bounds).toBeNull();
    expect(hasty.warnings).toEqual([expect.stringContaining('The published band cannot be compared')]);
    expect(hasty.bounds['finite-rate'].totalJ).toBeGreaterThan(0);
  });

  test('parameters that are updated once: matched is zero and nothing is compared with it', () => {
    const once = compareBounds({ training: { ...own, operations: own.parameters }, given: {} });
    expect(once.bounds.matched).toMatchObject({ totalJ: 0, overMatched: null });
  });
});

describe('the figure', () => {
  test('lines keep the updates a parameter: a training lies on its own lines', () => {
    const { bounds, models: points } = boundFigureData(own, assuming());
    for (const name of boundNames) {
      const perParameterJ = bounds
        .filter(({ series }) => series === name)
        .map(({ totalJ, parameters }) => totalJ / parameters);
      const mine = points.find((point) => point.model === 'mine' && point.series === name);
      expect(perParameterJ).toHaveLength(2);
      for (const lineJ of perParameterJ) expect(lineJ / ((mine?.totalJ ?? 0) / 1e6)).toBeCloseTo(1, 9);
    }
  });

  test('models are at their own number of updates; those too fast for the assumptions are left out', () => {
    const named = (trainingS: number) =>
      new Set(boundFigureData(own, assuming({ trainingS })).models.map((point) => point.model));
    expect(named(30 * 86_400)).toEqual(new Set(['mine', ...Object.values(models).map(({ title }) => title)]));
    // 1.5e12 updates a parameter in 2 s are below the attempt rate, 1e13 are not.
    expect(named(2).has('BERT-Large')).toBe(true);
    expect(named(2).has('brain scale')).toBe(false);
  });

  test.each([
    ['named', model('brain-scale')],
    ['own', own],
    ['updated once', { ...own, operations: own.parameters }],
  ])('is drawn with all bounds, accelerators, models and the published band: %s', async (_, training) => {
    const [figure] = await drawAll([boundFigure(training, assuming())]);
    for (const text of [...boundNames, 'accelerator, projected', 'accelerator, 2020', 'GPT-3', 'published'])
      expect(figure?.svg).toContain(`>${text}</text>`);
    expect(figure?.svg).not.toMatch(/NaN|Infinity/);
  });
});
