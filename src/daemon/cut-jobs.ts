import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../core/errors.ts';
import { RUN_FILE } from '../store/run-folder.ts';
import { RunReader } from '../store/run-reader.ts';
import type { KeptJob } from './job-queue-format.ts';

export const CUT_REASON = 'The daemon ended while it ran.';

/** What became of a job whose process died, by its run file, which nobody writes any more. */
export async function afterCut(
  runs: string,
  { runId, reason }: Pick<KeptJob, 'runId' | 'reason'>,
): Promise<Pick<KeptJob, 'state' | 'reason' | 'runId'>> {
  // It had not begun.
  if (runId === null || !hasRunFile(runs, runId)) return { state: 'queued', reason: null, runId: null };
  try {
    const { status, failure } = await RunReader.with(join(runs, runId), async ({ manifest }) => manifest);
    if (status === 'finished') return { state: 'finished', reason: null, runId };
    if (status === 'failed') return { state: 'failed', reason: failure ?? null, runId };
    return { state: 'interrupted', reason: reason ?? CUT_REASON, runId };
  } catch (error) {
    return { state: 'interrupted', reason: messageOf(error), runId };
  }
}

/** Whether a run has come to having a file. */
export const hasRunFile = (runs: string, runId: string): boolean => existsSync(join(runs, runId, RUN_FILE));
