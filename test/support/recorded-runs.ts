import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './folder.ts';
import { writeRun } from './shipped-run.ts';

/** A folder with finished runs of 250 updates each. */
export async function runsOf(...ids: readonly string[]): Promise<string> {
  const runs = temporaryFolder();
  mkdirSync(runs, { recursive: true });
  for (const runId of ids) renameSync(await writeRun(runs, 250, { runId }, manifest), join(runs, runId));
  return runs;
}

const manifest = {
  experiment: {
    task: { name: 'breast-cancer' },
    method: { name: 'gradient' },
    policy: { name: 'matched' },
  },
  startedWallNs: '1700000000000000000',
};
