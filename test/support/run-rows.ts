import { join } from 'node:path';
import { noLinkStatistics } from '../../src/board/link-statistics.ts';
import { systemClock } from '../../src/core/clock.ts';
import { RunFile } from '../../src/store/run-file.ts';
import { type Row, type Table, tables } from '../../src/store/tables.ts';
import { temporaryFolder } from './folder.ts';

/** A row with every column filled, then overwritten. */
export function rowOf<Name extends 'updates' | 'steps'>(name: Name, over: Partial<Row<Name>>): Row<Name> {
  const blank = Object.entries((tables[name] as Table).columns).map(([column, type]) => [
    column,
    type.startsWith('VARCHAR') ? 'x' : type === 'WALL_NS' ? 1_700_000_000_123_456_789n : 1,
  ]);
  return { ...Object.fromEntries(blank), ...over };
}

/** A row of which everything that is measured or bounded is zero, but for what is said. */
export function quietUpdate(over: Partial<Row<'updates'>>): Row<'updates'> {
  const zero = Object.keys(tables.updates.columns)
    .filter((column) => /^(energy|charge|bound)_/.test(column))
    .map((column) => [column, 0]);
  return rowOf('updates', { ...Object.fromEntries(zero), ...over });
}

/** A run whose record is open, in a folder of its own. */
export async function begunRun(manifest: object = {}) {
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
  return { folder, file };
}

/** The folder of a run with these updates, by step. */
export async function runWith(
  steps: readonly { readonly step: Partial<Row<'steps'>>; readonly updates: readonly Row<'updates'>[] }[],
): Promise<string> {
  const { folder, file } = await begunRun();
  for (const { step, updates } of steps)
    await file.record({
      step: rowOf('steps', step),
      reading: { bootNonce: 1, boardTimeUs: 0, temperatureK: undefined, cells: [] },
      updates,
      link: noLinkStatistics(),
    });
  await file.end('finished', noLinkStatistics());
  return folder;
}
