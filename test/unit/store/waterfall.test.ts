import { expect, test } from 'vitest';
import { RunReader } from '../../../src/store/run-reader.ts';
import type { Row } from '../../../src/store/tables.ts';
import { cellParts, readWaterfall } from '../../../src/store/waterfall.ts';
import { quietUpdate, runWith } from '../../support/run-rows.ts';

/** One update of two pulses: 16 fJ driven and 6 fJ tunneled, of which 11 fJ are the second pulse's. */
const update = (over: Partial<Row<'updates'>> = {}) =>
  quietUpdate({
    purpose: 'train',
    energy_full_cycle_fj: 16,
    energy_tunneling_fj: 6,
    energy_core_fj: 2.75,
    energy_tilt_fj: 0.25,
    energy_drift_fj: 0.5,
    energy_verify_fj: 11,
    bound_matched_zj: 50_000,
    ...over,
  });

const of = async (...steps: Parameters<typeof runWith>[0][number][]) =>
  RunReader.with(await runWith(steps), readWaterfall);
const totals = ({ parts }: Awaited<ReturnType<typeof of>>) =>
  Object.fromEntries(cellParts.map((name) => [name, parts[name].totalFJ]));

test('parts of an update add up to what its cells took', async () => {
  const waterfall = await of({
    step: { energy_readout_fj: 1000, energy_board_fj: 9000 },
    updates: [update()],
  });
  expect(totals(waterfall)).toEqual({
    bound: expect.closeTo(0.05, 12),
    excessTilt: expect.closeTo(0.2, 12),
    core: 2.75,
    drift: 0.5,
    drive: 8,
    verify: 11,
  });
  expect(waterfall.cells.total).toBeCloseTo(22.5, 12);
  expect(waterfall).toMatchObject({
    reads: { perUpdateFJ: 1000, totalFJ: 1000 },
    total: { perUpdateFJ: 1022.5, totalFJ: 1022.5 },
    board: { perUpdateFJ: 9000, totalFJ: 9000 },
    unknownSteps: 0,
  });
});

test('a correction of an overshoot is verify as a whole, but for its drift', async () => {
  const waterfall = await of({ step: {}, updates: [update(), update({ purpose: 'correct' })] });
  expect(totals(waterfall)).toEqual({
    bound: expect.closeTo(0.1, 12),
    excessTilt: expect.closeTo(0.15, 12),
    core: 2.75,
    drift: 1,
    drive: 8,
    verify: 11 + 22,
  });
  const sum = Object.values(totals(waterfall)).reduce((total, part) => total + part);
  expect(sum).toBeCloseTo(waterfall.cells.total, 12);
  expect(waterfall.parts.verify.perUpdateFJ).toBe(16.5);
});

test('a tilt below the bound is a negative part, and the sum still holds', async () => {
  const waterfall = await of({
    step: {},
    updates: [update({ energy_tilt_fj: -0.25, energy_core_fj: 3.25 })],
  });
  expect(totals(waterfall)['excessTilt']).toBeCloseTo(-0.3, 12);
  const sum = Object.values(totals(waterfall)).reduce((total, part) => total + part);
  expect(sum).toBeCloseTo(22.5, 12);
});

test('sigmas of full-cycle and tunneling add linearly part by part, then by their causes', async () => {
  const parts = (cell: number) =>
    update({
      cell,
      kind: 'SET',
      energy_full_cycle_noise_sigma_fj: 0.1,
      energy_tunneling_noise_sigma_fj: 0.2,
      energy_full_cycle_node_sigma_fj: 0.01,
      energy_tunneling_node_sigma_fj: 0.03,
      energy_full_cycle_common_sigma_fj: 0.3,
      energy_tunneling_common_sigma_fj: 0.2,
    });
  const { cells } = await of({ step: {}, updates: [parts(0), parts(0), parts(1)] });
  const sigma = Math.sqrt(3 * 0.3 ** 2 + 0.08 ** 2 + 0.04 ** 2 + 1.5 ** 2);
  expect(cells.sigma).toBeCloseTo(sigma / 3, 12);
});

test('steps that do not know their read-out are counted, and nothing is made up for them', async () => {
  const unknown = { energy_readout_fj: null, energy_board_fj: null };
  const some = await of(
    { step: { step: 0, energy_readout_fj: 7 }, updates: [update()] },
    { step: { step: 1, ...unknown }, updates: [] },
  );
  expect(some).toMatchObject({ reads: { totalFJ: 7 }, unknownSteps: 1 });
  const none = await of({ step: unknown, updates: [update()] });
  expect(none).toMatchObject({ reads: null, total: null, board: null, unknownSteps: 1 });
});

test('without updates nothing is by update', async () => {
  const waterfall = await of({ step: { energy_readout_fj: 7 }, updates: [] });
  expect(waterfall).toMatchObject({
    parts: { bound: { perUpdateFJ: null, totalFJ: 0 }, drive: { perUpdateFJ: null, totalFJ: 0 } },
    cells: { mean: null, sigma: null, total: 0 },
    reads: { perUpdateFJ: null, totalFJ: 7 },
  });
});
