import { RunReader } from '../../src/store/run-reader.ts';
import { tableNames } from '../../src/store/tables.ts';

/** Columns of the wall clock, or of board time put on it. */
const WALL = /wall|^time_ns$/i;
const NAMES_OF_THIS_RUN = new Set(['runId', 'startedWallNs', 'endedWallNs']);

/** Everything in a run file that the seed decides: all tables but that of the link, less wall clock and run id. */
export async function contentOf(folder: string): Promise<Record<string, unknown[]>> {
  return RunReader.with(folder, async (run) => {
    const content: Record<string, unknown[]> = {};
    for (const name of tableNames.filter((table) => table !== 'link')) {
      const rows: readonly Readonly<Record<string, unknown>>[] = await run.rows(name);
      content[name] = rows
        .filter((row) => !NAMES_OF_THIS_RUN.has(String(row['key'])))
        .map((row) => Object.fromEntries(Object.entries(row).filter(([column]) => !WALL.test(column))));
    }
    return content;
  });
}
