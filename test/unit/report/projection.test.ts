import { describe, expect, test } from 'vitest';
import { assuming } from '../../../calibration/bounds/assumptions.ts';
import { compareBounds } from '../../../src/report/bound-comparison.ts';
import { boundFigure } from '../../../src/report/bound-figure.ts';
import { drawAll } from '../../../src/report/drawing.ts';
import { type ProjectedRun, projectRun } from '../../../src/report/projection.ts';
import { RunReader } from '../../../src/store/run-reader.ts';
import { summarize } from '../../../src/store/summary.ts';
import { quietUpdate, runWith } from '../../support/run-rows.ts';

const load = { parameters: 1e6, operations: 1e9 };

async function runOf({ energyFJ = 8, sigmaFJ = 0.1, updates = 4, readoutFJ = 400 as number | null } = {}) {
  const one = quietUpdate({
    energy_full_cycle_fj: energyFJ,
    energy_full_cycle_common_sigma_fj: sigmaFJ,
    energy_tunneling_fj: 2,
  });
  const folder = await runWith([
    { step: { energy_readout_fj: readoutFJ }, updates: Array.from({ length: updates }, () => one) },
  ]);
  const summary = await RunReader.with(folder, summarize);
  return { ...summary, mostUpdates: updates, converterBits: 14 } satisfies ProjectedRun;
}

describe('a run projected to a model', () => {
  test('its mean times OPS, with an interval that more cells do not narrow', async () => {
    const { lines } = projectRun(await runOf(), load, 40);
    const [cells, all, withReadOut] = lines;
    expect(cells).toMatchObject({
      totalJ: expect.closeTo(8e-6, 15),
      interval: { fromJ: expect.closeTo(7.804e-6, 12), toJ: expect.closeTo(8.196e-6, 12) },
      overMatched: { value: expect.closeTo(2e5, 4), sigma: expect.closeTo(2500, 4) },
    });
    expect(all?.totalJ).toBeCloseTo(10e-6, 15);
    // 400 fJ of read-out for four updates.
    expect(withReadOut).toMatchObject({
      totalJ: expect.closeTo(110e-6, 12),
      interval: null,
      overMatched: { value: expect.closeTo(2.75e6, 2), sigma: null },
    });
    const larger = projectRun(await runOf(), { parameters: 1e12, operations: 1e15 }, 40).lines[0];
    const relative = ({ interval, totalJ }: typeof larger) => (interval?.toJ ?? 0) / totalJ;
    expect(relative(larger)).toBeCloseTo(relative(cells), 12);
  });

  test('says what it takes for granted, the mock first', async () => {
    const { assumptions } = projectRun(await runOf(), load, 40);
    expect(assumptions[0]).toContain('of a mock');
    for (const words of [
      'at the mean cost',
      'more than 4 updates',
      'does not average down',
      'no interconnect',
    ])
      expect(assumptions.join('\n')).toContain(words);
  });

  test('without what reading took there is no line with it', async () => {
    expect(projectRun(await runOf({ readoutFJ: null }), load, 40).lines.map(({ name }) => name)).toEqual([
      'cells (full-cycle)',
      'cells in all',
    ]);
  });

  test('where matched is zero nothing is compared with it', async () => {
    expect(projectRun(await runOf(), load, 0).lines.map(({ overMatched }) => overMatched)).toEqual([
      null,
      null,
      null,
    ]);
  });

  test.each([
    ['a run without updates', { updates: 0 }, 'usage', 'has no updates: there is nothing to project'],
    ['a sigma above its value', { sigmaFJ: 9 }, 'usage', 'sigma (9.00 fJ) is not below the value (8.00 fJ)'],
    ['a sigma of its value', { sigmaFJ: 8 }, 'usage', 'is not below the value'],
    [
      'less than is possible',
      { energyFJ: 1e-6, sigmaFJ: 1e-9 },
      'below-bound',
      'the measurement is at fault',
    ],
  ])('%s is refused', async (_, of, code, words) => {
    const run = await runOf(of);
    expect(() => projectRun(run, load, 40)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(words) }),
    );
  });
});

test('bits beyond the converter of the run are a warning, unless another is named', async () => {
  const run = await runOf();
  const training = { title: 'mine', ...load };
  const { warnings, projection } = compareBounds({ training, given: {}, run });
  expect(warnings).toEqual([expect.stringContaining("16 bits are more than the converter's 14")]);
  expect(projection?.lines).toHaveLength(3);
  expect(compareBounds({ training, given: {}, run, converterBits: 24 }).warnings).toEqual([]);
  expect(compareBounds({ training, given: {} }).projection).toBeNull();
});

test("the chip's line is in the figure, through the model that it is projected to", async () => {
  const training = { title: 'mine', ...load };
  const [figure] = await drawAll([
    boundFigure(training, assuming(), { name: 'this chip (mock), cells', perUpdateJ: 8e-15 }),
  ]);
  expect(figure?.svg).toContain('>this chip (mock), cells</text>');
  expect(figure?.svg).not.toMatch(/NaN|Infinity/);
});
