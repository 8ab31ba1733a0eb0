import { devices } from '../../calibration/devices.ts';
import type { Board } from '../board/board.ts';
import { isBroughtToRest } from '../board/rest-watch.ts';
import { type CalibrationRecord, chipOf } from '../chip/calibration-record.ts';
import type { Experiment } from '../config/experiment.ts';
import type { Clock } from '../core/clock.ts';
import { alsoFailed, FnloopError, messageOf } from '../core/errors.ts';
import { softwareVersion } from '../core/package.ts';
import type { NodeUsage } from '../scheduling/node-usage.ts';
import { accountLate } from '../settling/account-late.ts';
import { endRun } from '../settling/end-run.ts';
import { openIntents } from '../settling/open-intents.ts';
import type { RunFile } from '../store/run-file.ts';
import type { Hold } from './holding.ts';
import { cellsOf } from './placement.ts';
import type { Task } from './task.ts';
import { type StepNews, Training } from './training.ts';

export interface ExperimentParts {
  readonly runId: string;
  readonly experiment: Experiment;
  readonly task: Task;
  readonly board: Board;
  /** What is known of the chip beyond its kind. */
  readonly calibration?: CalibrationRecord | undefined;
  readonly runFile: RunFile;
  /** What the board's nodes have received before, for the experiment's budget. */
  readonly past: NodeUsage;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Lets the run rest between steps; absent where nobody holds it. */
  readonly hold?: Hold | undefined;
  /** Told of each step once it is on disk. */
  readonly onStep: (news: StepNews) => void;
}

/**
 * One run from manifest to end. Whatever happens, the run file is closed and says how the run ended: a
 * failure is recorded there and thrown again.
 */
export function runExperiment(parts: ExperimentParts): Promise<'finished' | 'interrupted'> {
  return endedInOrder(parts, () => trained(parts));
}

/** Does a run that trains and closes its file, which then says how it ended; one that fails is accounted for as far as it came. */
export async function endedInOrder(
  { board, runFile }: Pick<ExperimentParts, 'board' | 'runFile'>,
  run: () => Promise<'finished' | 'interrupted'>,
): Promise<'finished' | 'interrupted'> {
  const failed = (failure: unknown) =>
    runFile.end('failed', board.statistics, { failure: messageOf(failure) });
  const status = await run().catch(async (failure: unknown) => {
    try {
      await accountForFailed(runFile).catch((later: unknown) =>
        failed(failure).then(() => Promise.reject(later)),
      );
      if (isBroughtToRest(failure)) return 'interrupted' as const;
      await failed(failure);
    } catch (later) {
      throw alsoFailed(failure, 'The run could not be accounted for and closed', later);
    }
    throw failure;
  });
  await endRun(runFile, board, status);
  return status;
}

async function trained(parts: ExperimentParts): Promise<'finished' | 'interrupted'> {
  const { runFile, experiment, task, board, calibration, onStep } = parts;
  const lesson = { kind: 'task' as const, experiment, task };
  await runFile.begin(manifestOf(parts));
  const chip = chipOf(deviceOf(experiment), calibration);
  const cells = cellsOf(task, board.identity, chip);
  await runFile.note({ cells });
  const training = new Training({ ...parts, lesson, chip, cells });
  const subscription = training.news$.subscribe(onStep);
  return training.run().finally(() => subscription.unsubscribe());
}

/**
 * A step may fail between its rounds, as when the budget forbids the next one: what the others did is accounted for at once.
 * While it is not known what became of some batch, that is left to whoever settles it.
 */
async function accountForFailed(runFile: RunFile): Promise<void> {
  if ((await openIntents(runFile)).length > 0) return;
  const [{ late = 0 } = {}] = await runFile.query<{ late: number }>(
    'SELECT count(*) AS late FROM pulses ANTI JOIN updates USING (update_id)',
  );
  if (late > 0) await accountLate(runFile, await runFile.manifest(), 'train');
}

/** The kind of chip that an experiment names. */
export const deviceOf = ({ device }: Pick<Experiment, 'device'>) => {
  const known = devices[device];
  if (known === undefined)
    throw new FnloopError('invariant', `Device ${device} passed the schema but is unknown.`);
  return known;
};

function manifestOf({
  runId,
  experiment,
  task,
  board,
  calibration,
}: ExperimentParts): Readonly<Record<string, unknown>> {
  return {
    runId,
    source: board.identity.source,
    software: { ...softwareVersion(), node: process.versions.node },
    experiment,
    device: deviceOf(experiment),
    board: { address: board.address, identity: board.identity },
    ...(calibration === undefined ? {} : { calibration }),
    features: task.features,
    classes: task.classes,
    samples: { train: task.train.labels.length, test: task.test.labels.length },
  };
}
