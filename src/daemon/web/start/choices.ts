import { withChoices } from '../../../config/chosen-experiment.ts';
import type { Experiment } from '../../../config/experiment.ts';
import type { PolicyName } from '../../../config/policy.ts';
import { FnloopError } from '../../../core/errors.ts';
import type { ExperimentRequest } from '../../routes/jobs.ts';

/** What the form says: texts as they were typed, empty where the experiment's own is meant. */
export interface Choices {
  readonly board: string;
  readonly seed: string;
  readonly steps: string;
  readonly policy: PolicyName | '';
  readonly calibration: string;
  /** JSON, merged into the experiment after all else. */
  readonly changes: string;
}

/** Choice of no calibration where the experiment has one: no name begins so. */
export const NO_CALIBRATION = '/none';

/** What the daemon is asked for. Throws `config-invalid`, or as `withChoices`. */
export function requestOf(experiment: Experiment, choices: Choices): ExperimentRequest {
  const { board, seed, steps, policy, calibration, changes } = choices;
  const isBare = calibration === NO_CALIBRATION;
  const chosen = withChoices(experiment, {
    seed: seed === '' ? undefined : Number(seed),
    steps: steps === '' ? undefined : Number(steps),
    policy: policy === '' ? undefined : policy,
    calibration: calibration === '' || isBare ? undefined : calibration,
  });
  return {
    board,
    experiment: chosen,
    overrides: { ...(isBare ? { calibration: null } : {}), ...changesIn(changes) },
  };
}

function changesIn(text: string): Readonly<Record<string, unknown>> {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw new FnloopError(
    'config-invalid',
    'Further changes are to be a JSON object, such as {"method": {"learningRate": 0.2}}.',
  );
}
