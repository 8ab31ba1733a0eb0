import { join } from 'node:path';
import { expect, test } from 'vitest';
import { noLinkStatistics } from '../../../src/board/link-statistics.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { summaryRows } from '../../../src/report/summary-rows.ts';
import { RunFile } from '../../../src/store/run-file.ts';
import { RunReader } from '../../../src/store/run-reader.ts';
import { summarize } from '../../../src/store/summary.ts';
import { temporaryFolder } from '../../support/folder.ts';

/** The row `calibration` of a run whose manifest says so. */
async function calibrationRow(manifest: object): Promise<string | undefined> {
  const folder = join(temporaryFolder(), 'r1');
  const file = await RunFile.create(folder, systemClock);
  const named = { name: 'x' };
  await file.begin({
    runId: 'r1',
    source: 'mock',
    experiment: { task: named, method: named, policy: named },
    board: { identity: { boardTimeUs: 0 } },
    ...manifest,
  });
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
