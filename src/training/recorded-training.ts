import type { Experiment } from '../config/experiment.ts';
import { seededRandom } from '../core/random.ts';
import type { Manifest } from '../store/manifest.ts';
import { RunFile } from '../store/run-file.ts';
import { RunReader } from '../store/run-reader.ts';
import { reopenHistory } from './board-history.ts';
import { resumable } from './resume-point.ts';
import { type ResumeParts, resumeRun } from './resume-run.ts';
import { loadTask } from './task.ts';

/** A training that another process may go on with. */
export interface RecordedTraining {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly experiment: Experiment;
}

/** Rejects with `not-resumable`, `run-in-use` or `record-failed`. */
export const recordedTraining = (folder: string): Promise<RecordedTraining> =>
  RunReader.with(folder, async (run) => ({
    folder,
    manifest: run.manifest,
    experiment: await resumable(run),
  }));

/** Goes on with it in its own file, charged as a whole at its next end. Rejects as `resumeRun` does. */
export async function goOnWith(
  { folder, manifest, experiment }: RecordedTraining,
  parts: Omit<ResumeParts, 'manifest' | 'experiment' | 'task' | 'runFile' | 'history'>,
): Promise<'finished' | 'interrupted'> {
  const { board, clock } = parts;
  const history = await reopenHistory(folder, board, clock);
  const runFile = await RunFile.reopen(folder, clock);
  const task = loadTask(experiment.task, seededRandom(experiment.seed, 'split'));
  return resumeRun({ ...parts, manifest, experiment, task, runFile, history });
}
