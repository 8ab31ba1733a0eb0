import { existsSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { noLinkStatistics } from '../../../src/board/link-statistics.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { type RetentionParts, retainRuns } from '../../../src/daemon/retention.ts';
import { BoardState } from '../../../src/store/board-state.ts';
import { RunFile } from '../../../src/store/run-file.ts';
import { listRunIds } from '../../../src/store/run-folder.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { quietUpdate, rowOf, runWith } from '../../support/run-rows.ts';

const DAY_NS = 86_400_000_000_000n;

/** Moves a finished run with an update into the folder of runs. */
async function finished(runs: string, id: string): Promise<void> {
  const step = rowOf('steps', { step: 1 });
  renameSync(await runWith([{ step, updates: [quietUpdate({ update_id: 1 })] }]), join(runs, id));
}

async function unfinished(runs: string, id: string): Promise<void> {
  const file = await RunFile.create(join(runs, id), systemClock);
  await file.begin({ runId: id });
  await file.end('interrupted', noLinkStatistics());
}

const retained = (runs: string, parts: Partial<RetentionParts>) =>
  retainRuns({
    runs,
    keep: {},
    target: undefined,
    isNeeded: () => false,
    nowWallNs: systemClock.wallNs(),
    log: () => {},
    ...parts,
  });

test('runs past their time go; those that are needed, not finished or not charged stay', async () => {
  const runs = temporaryFolder();
  for (const id of ['r1', 'r2', 'r3']) await finished(runs, id);
  await unfinished(runs, 'r4');
  BoardState.open(runs, { boardId: 'b', rows: 1, columns: 2 }).begin(join(runs, 'r3'));
  const keep = { days: 3 };
  expect(await retained(runs, { keep })).toEqual([]);
  const nowWallNs = systemClock.wallNs() + 4n * DAY_NS;
  expect(await retained(runs, { keep, nowWallNs, isNeeded: (id) => id === 'r2' })).toEqual(['r1']);
  expect(listRunIds(runs)).toEqual(['r2', 'r3', 'r4']);
});

test('a run of which rows wait for the database stays', async () => {
  const runs = temporaryFolder();
  await finished(runs, 'r1');
  const nowWallNs = systemClock.wallNs() + 4n * DAY_NS;
  const parts = { keep: { days: 3 }, nowWallNs };
  expect(await retained(runs, { ...parts, target: 'http://host:8086/?db=fnloop' })).toEqual([]);
  expect(await retained(runs, parts)).toEqual(['r1']);
});

test('beyond the size that may be kept the oldest go first', async () => {
  const runs = temporaryFolder();
  for (const id of ['r1', 'r2', 'r3']) await finished(runs, id);
  const { size } = statSync(join(runs, 'r1', 'run.duckdb'));
  expect(await retained(runs, { keep: { sizeGB: (2.5 * size) / 1e9 } })).toEqual(['r1']);
  expect(existsSync(join(runs, 'r2'))).toBe(true);
});
