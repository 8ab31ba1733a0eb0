import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { RunFile } from '../../store/run-file.ts';
import { RUN_FILE } from '../../store/run-folder.ts';
import { RunReader } from '../../store/run-reader.ts';

/** Says in the file of a run whose process died that it was interrupted, and why; one that says how it ended stays as it is. */
export async function markCut(folder: string, reason: string, clock: Clock): Promise<void> {
  if (!existsSync(join(folder, RUN_FILE))) return;
  const { status } = await RunReader.with(folder, async ({ manifest }) => manifest);
  if (status !== 'running') return;
  const runFile = await RunFile.reopen(folder, clock);
  try {
    await runFile.note({ status: 'interrupted', endedWallNs: String(clock.wallNs()), failure: reason });
  } finally {
    runFile.close();
  }
}
