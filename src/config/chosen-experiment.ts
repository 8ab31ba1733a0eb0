import { FnloopError } from '../core/errors.ts';
import { type Experiment, experimentSchema } from './experiment.ts';
import { likeSettings, type PolicyName } from './policy.ts';

/** What may be said in place of an experiment file's own. */
export interface ExperimentChoices {
  readonly board?: string | undefined;
  readonly seed?: number | undefined;
  readonly steps?: number | undefined;
  readonly policy?: PolicyName | undefined;
  readonly calibration?: string | undefined;
}

/** The experiment with what was chosen. Throws `usage` for a policy that nothing in the file could set up. */
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
