import { join } from 'node:path';
import { FnloopError } from '../../core/errors.ts';
import { seededRandom } from '../../core/random.ts';
import type { LiveShipping } from '../../influx/live-shipping.ts';
import { RunFile } from '../../store/run-file.ts';
import { RunReader } from '../../store/run-reader.ts';
import { reopenHistory } from '../../training/board-history.ts';
import type { Hold } from '../../training/holding.ts';
import { resumable } from '../../training/resume-point.ts';
import { resumeRun } from '../../training/resume-run.ts';
import { loadTask } from '../../training/task.ts';
import type { StepNews } from '../../training/training.ts';
import { hasHistory, parseAddress } from '../../transport/address.ts';
import type { RunWorkParts } from './run-work.ts';

export interface ResumeParts extends RunWorkParts {
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly hold: Hold;
  readonly onStep: (news: StepNews) => void;
  readonly shipping: LiveShipping | undefined;
}

/** Goes on with a run that was cut off, in its own file. Rejects with `not-resumable`, else as the run itself. */
export async function goOnWithRun({
  runId,
  settings,
  board,
  clock,
  signal,
  hold,
  onStep,
  shipping,
  tell,
}: ResumeParts): Promise<'finished' | 'interrupted'> {
  const folder = join(settings.runs, runId);
  const { manifest, experiment } = await RunReader.with(folder, async (run) => ({
    manifest: run.manifest,
    experiment: await resumable(run),
  }));
  if (!hasHistory(parseAddress(settings.address)))
    throw new FnloopError(
      'not-resumable',
      `The weights of run ${runId} were on a board that is made anew each time, ${settings.address}.`,
    );
  const history = await reopenHistory(folder, board, clock);
  return resumeRun({
    manifest,
    experiment,
    task: loadTask(experiment.task, seededRandom(experiment.seed, 'split')),
    board,
    runFile: await RunFile.reopen(folder, clock),
    history,
    companion: shipping,
    acceptChanges: false,
    clock,
    signal,
    hold,
    onStep,
    onNote: (text) => tell({ kind: 'note', level: 'warn', text }),
  });
}
