import { join } from 'node:path';
import { noLinkStatistics } from '../../src/board/link-statistics.ts';
import { systemClock } from '../../src/core/clock.ts';
import { RunFile } from '../../src/store/run-file.ts';
import { type Row, type Table, tables } from '../../src/store/tables.ts';

export interface Names {
  readonly runId: string;
  readonly boardId: string;
  readonly task: string;
  readonly policy: string;
}

const PLAIN: Names = { runId: 'r1', boardId: 'b1', task: 'soak', policy: 'fixed' };

/** Writes the file of a finished run with so many updates, one step each hundred; returns its folder. `opening`: more for the manifest. */
export async function writeRun(
  runs: string,
  updates: number,
  names: Partial<Names> = {},
  opening: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const { runId, boardId, task, policy } = { ...PLAIN, ...names };
  const folder = join(runs, 'run');
  const file = await RunFile.create(folder, systemClock);
  const board = { identity: { boardId, clock: 'virtual' as const, bootNonce: 1, boardTimeUs: 0 } };
  await file.begin({
    runId,
    source: 'mock',
    experiment: { task: { name: task }, policy: { name: policy } },
    board,
    ...opening,
  });
  for (let step = 1; (step - 1) * UPDATES_OF_STEP < updates; step += 1) {
    const first = (step - 1) * UPDATES_OF_STEP;
    const rows = Array.from({ length: Math.min(UPDATES_OF_STEP, updates - first) }, (_, index) => ({
      ...(blank('updates') as unknown as Row<'updates'>),
      update_id: first + index + 1,
      step,
      cell: index,
      kind: index % 2 === 0 ? 'SET' : 'RESET',
      energy_full_cycle_fj: Math.sqrt(first + index + 1),
    }));
    await file.record({
      step: { ...(blank('steps') as unknown as Row<'steps'>), step, updates: rows.length },
      reading: { bootNonce: 1, boardTimeUs: step * 1000, temperatureK: undefined, cells: [] },
      updates: rows,
      link: noLinkStatistics(),
    });
  }
  await file.end('finished', noLinkStatistics());
  return folder;
}

const UPDATES_OF_STEP = 100;

const blank = (table: 'updates' | 'steps') =>
  Object.fromEntries(
    Object.entries((tables[table] as Table).columns).map(([column, type]) => [
      column,
      type.startsWith('VARCHAR') ? 'x' : type === 'WALL_NS' ? 1n : 1,
    ]),
  );
