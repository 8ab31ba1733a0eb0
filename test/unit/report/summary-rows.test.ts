import { expect, test } from 'vitest';
import { noLinkStatistics } from '../../../src/board/link-statistics.ts';
import { closingRows, interruptionRows, summaryRows } from '../../../src/report/summary-rows.ts';
import { RunReader } from '../../../src/store/run-reader.ts';
import { summarize } from '../../../src/store/summary.ts';
import { begunRun, quietUpdate, runWith } from '../../support/run-rows.ts';

/** The row `calibration` of a run whose manifest says so. */
async function calibrationRow(manifest: object): Promise<string | undefined> {
  const { folder, file } = await begunRun(manifest);
  await file.end('finished', noLinkStatistics());
  return new Map(summaryRows(await RunReader.with(folder, summarize))).get('calibration');
}

test('a run says which calibration it used, or that it used none', async () => {
  expect(await calibrationRow({})).toBe('none');
  const calibration = {
    file: 'runs/calibrations/bench-3.json',
    measuredToWallNs: '1795334000000000000',
    goodNodes: 126,
    nodes: 128,
  };
  expect(await calibrationRow({ calibration })).toBe(
    'runs/calibrations/bench-3.json of 2026-11-22 07:53:20Z, 126 of 128 nodes good',
  );
});

test('the terminal has the bound that is compared with and the span of the others; the report has all six', async () => {
  const update = quietUpdate({
    energy_full_cycle_fj: 8,
    energy_full_cycle_common_sigma_fj: 0.1,
    energy_drift_fj: 1,
    bound_matched_zj: 14,
    bound_recycled_zj: 28,
    bound_static_zj: 196,
    bound_landauer_zj: 40,
    bound_finite_rate_zj: 55,
    bound_precision_zj: 22_000,
  });
  const folder = await runWith([
    { step: { energy_readout_fj: 5e9, energy_board_fj: 2e12 }, updates: [update, update] },
  ]);
  const summary = await RunReader.with(folder, summarize);
  const closing = new Map(closingRows(summary));
  expect(closing.get('cells in all')).toBe('9.00 ± 0.10 fJ per update, 18.0 fJ in all');
  expect(closing.get('read-out')).toBe('2.50 µJ per update, 5.00 µJ in all');
  expect(closing.get('board')).toBe('1.00 mJ per update, 2.00 mJ in all');
  expect(closing.get('bound (matched)')).toBe('14.0 zJ per update, 28.0 zJ in all');
  expect(closing.get('other bounds')).toBe('28.0 zJ (recycled) to 22.0 aJ (precision) per update');
  const names = summaryRows(summary).map(([name]) => name);
  expect(names.filter((name) => name.startsWith('bound ('))).toHaveLength(6);
});

test('no ratio is shown where sigma is not below the value, but why', async () => {
  const noisy = quietUpdate({
    energy_full_cycle_fj: 8,
    energy_full_cycle_noise_sigma_fj: 9,
    bound_matched_zj: 14,
  });
  const folder = await runWith([{ step: {}, updates: [noisy] }]);
  const summary = await RunReader.with(folder, summarize);
  expect(summary.ratio).toMatchObject({ value: null, sigma: null });
  expect(new Map(closingRows(summary)).get('ratio full-cycle / matched')).toBe(
    'sigma (9.0 fJ) is not below the value (8.0 fJ)',
  );
});

test.each([
  [0, 0, 0, []],
  [1, 86_400, 2.5, [['interrupted', 'once, pause 24 h 0 min on the board, 2.50 s here']]],
  [3, 0.0125, 7200, [['interrupted', '3 times, longest pause 12.5 ms on the board, 2 h 0 min here']]],
])('%d interruptions', (count, longestBoardS, longestWallS, rows) => {
  expect(interruptionRows({ interruptions: { count, longestBoardS, longestWallS } })).toEqual(rows);
});
