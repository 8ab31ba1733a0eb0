import { join } from 'node:path';
import { FnloopError } from '../../core/errors.ts';
import type { LiveShipping } from '../../influx/live-shipping.ts';
import type { Hold } from '../../training/holding.ts';
import { goOnWith, recordedTraining } from '../../training/recorded-training.ts';
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
  shipping,
  tell,
  ...parts
}: ResumeParts): Promise<'finished' | 'interrupted'> {
  const recorded = await recordedTraining(join(settings.runs, runId));
  if (!hasHistory(parseAddress(settings.address)))
    throw new FnloopError(
      'not-resumable',
      `The weights of run ${runId} were on a board that is made anew each time, ${settings.address}.`,
    );
  return goOnWith(recorded, {
    ...parts,
    companion: shipping,
    acceptChanges: false,
    onNote: (text) => tell({ kind: 'note', level: 'warn', text }),
  });
}
