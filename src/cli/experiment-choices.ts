import { Argument } from 'commander';
import {
  type Experiment,
  experimentSchema,
  type PolicyName,
  shippedExperiments,
} from '../config/experiment.ts';
import { FnloopError } from '../core/errors.ts';

/** What the command line may say in place of the experiment file. */
export interface ExperimentChoices {
  readonly board?: string;
  readonly seed?: number;
  readonly steps?: number;
  readonly policy?: PolicyName;
  readonly calibration?: string;
}

export const experimentArgument = () =>
  new Argument(
    '<experiment>',
    `an experiment file, or one that is shipped: ${shippedExperiments().join(', ')}`,
  );

/** The experiment with the command line's choices. Throws `usage` for a policy that the file has no settings for. */
export function withChoices(
  experiment: Experiment,
  { board, seed, steps, policy, calibration }: ExperimentChoices,
): Experiment {
  if (policy !== undefined && policy !== 'none' && policy !== experiment.policy.name) {
    throw new FnloopError(
      'usage',
      `The experiment has no settings for policy ${policy}: write them into the file.`,
    );
  }
  return experimentSchema.parse({
    ...experiment,
    board: board ?? experiment.board,
    calibration: calibration ?? experiment.calibration,
    seed: seed ?? experiment.seed,
    method: { ...experiment.method, steps: steps ?? experiment.method.steps },
    policy: policy === 'none' ? { name: 'none' } : experiment.policy,
  });
}
