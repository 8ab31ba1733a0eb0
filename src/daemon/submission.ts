import { dirname, resolve } from 'node:path';
import { calibrationsFolder } from '../chip/calibration-file.ts';
import { type BudgetSettings, type Experiment, experimentSchema } from '../config/experiment.ts';
import { problemSentences, problemsOf } from '../config/problems.ts';
import { FnloopError } from '../core/errors.ts';
import type { WorkerSettings } from './messages.ts';

/**
 * The experiment as the board's settings allow it. Throws `usage` for one of another device, or with a calibration that is neither
 * the board's own nor, where that has none, one beside the runs: no path from outside is opened here.
 */
export function allowedExperiment(asked: Experiment, board: string, settings: WorkerSettings): Experiment {
  const problems = problemSentences(problemsOf(experimentSchema, asked), 'the experiment');
  if (problems.length > 0) throw new FnloopError('usage', 'The experiment has problems.', { problems });
  const { calibration: named, budget: wished, ...experiment } = asked;
  const { device, calibration } = settings;
  if (experiment.device !== device)
    throw new FnloopError(
      'usage',
      `Board ${board} has a chip of kind ${device}, the experiment is for ${experiment.device}.`,
    );
  const mayBeNamed = named === calibration || (calibration === undefined && isBesideRuns(named, settings));
  if (named !== undefined && !mayBeNamed)
    throw new FnloopError(
      'usage',
      `The calibration of board ${board} is named in the daemon's configuration, not in experiments.`,
    );
  const used = calibration ?? named;
  const budget = tighter(settings.budget, wished);
  return {
    ...experiment,
    board: settings.address,
    ...(used === undefined ? {} : { calibration: used }),
    ...(budget === undefined ? {} : { budget }),
  };
}

const isBesideRuns = (file: string | undefined, { runs }: WorkerSettings): boolean =>
  file !== undefined && dirname(resolve(file)) === resolve(calibrationsFolder(runs));

/** Of each limit the lower. */
function tighter(
  one: BudgetSettings | undefined,
  other: BudgetSettings | undefined,
): BudgetSettings | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const lower = { ...one, ...other };
  for (const key of Object.keys(one) as (keyof BudgetSettings)[]) {
    const [limit, wished] = [one[key], other[key]];
    if (limit !== undefined && wished !== undefined) lower[key] = Math.min(limit, wished);
  }
  return lower;
}
