import { Argument, Option } from 'commander';
import { type Experiment, experimentSchema } from '../config/experiment.ts';
import { shippedExperiments } from '../config/experiment-file.ts';
import { likeSettings, type PolicyName, policyNames } from '../config/policy.ts';
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

export const policyOption = () =>
  new Option('--policy <name>', 'how wanted changes become pulses').choices(policyNames);

/** The experiment with the command line's choices. Throws `usage` for a policy that nothing in the file could set up. */
export function withChoices(
  experiment: Experiment,
  { board, seed, steps, policy, calibration }: ExperimentChoices,
): Experiment {
  const settings = likeSettings(experiment.policy, policy ?? experiment.policy.name);
  if (settings === undefined) {
    throw new FnloopError(
      'usage',
      `The experiment's policy ${experiment.policy.name} has no pulses that ${policy} could take over: write its settings into the file.`,
    );
  }
  return experimentSchema.parse({
    ...experiment,
    board: board ?? experiment.board,
    calibration: calibration ?? experiment.calibration,
    seed: seed ?? experiment.seed,
    method: { ...experiment.method, steps: steps ?? experiment.method.steps },
    policy: settings,
  });
}
