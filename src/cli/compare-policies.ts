import { join } from 'node:path';
import { type ComparedRun, comparedRun } from '../comparing/compared-run.ts';
import { type PulseShape, sameStepAmplitudeV } from '../comparing/same-step.ts';
import { withChoices } from '../config/chosen-experiment.ts';
import type { Experiment } from '../config/experiment.ts';
import { freshPulse, type PolicyName, withBasePulse } from '../config/policy.ts';
import { FnloopError } from '../core/errors.ts';
import { RunReader } from '../store/run-reader.ts';
import { deviceOf } from '../training/run-experiment.ts';
import type { App } from './app.ts';
import { interruptionOf } from './interruption.ts';
import type { Output } from './output.ts';
import { type TrainRunChoices, trainRun } from './train-run.ts';

export interface CompareChoices extends TrainRunChoices {
  readonly policies: readonly Exclude<PolicyName, 'none'>[];
  readonly seeds: readonly number[];
  /** Widths beside the experiment's own, as shares of it. */
  readonly widths: readonly number[];
}

/** A run that is to be done. */
interface Asked {
  readonly experiment: Experiment;
  readonly pulse: PulseShape;
  readonly isOwnPulse: boolean;
}

/**
 * Trains the same under each policy, seed by seed, policies taking turns so that a chip that lasts ages under all of them alike; then
 * with each other pulse width. Rejects with `interrupted` where a signal ended it: what was recorded stays.
 */
export async function compareRuns(
  app: App,
  experiment: Experiment,
  choices: CompareChoices,
  note: Output['note'],
): Promise<ComparedRun[]> {
  const runs: ComparedRun[] = [];
  const all = choices.seeds.length * choices.policies.length * (1 + choices.widths.length);
  const run = async ({ experiment: asked, pulse, isOwnPulse }: Asked) => {
    note(`${runs.length + 1} of ${all}: seed ${asked.seed}, ${asked.policy.name}, ${pulse.widthUs} us`);
    const { folder, status, runId } = await trainRun(app, asked, choices, () => {});
    if (status === 'interrupted')
      throw await interruptionOf(
        folder,
        `Run ${runId}, ${runs.length + 1} of ${all}, was interrupted; ${runs.length} finished runs are in ${choices.runs}.`,
      );
    const known = { seed: asked.seed, pulse, isOwnPulse };
    const compared = await RunReader.with(folder, async (reader) => ({
      run: await comparedRun(reader, known),
      commonModeV: await commonModeVOf(reader),
    }));
    runs.push(compared.run);
    return compared.commonModeV;
  };
  for (const [turn, seed] of choices.seeds.entries()) {
    const own = choices.policies.map((policy) => ownOf(withChoices(experiment, { policy, seed })));
    // Each goes first as often as the others.
    const inTurn = own.map((_, index) => own[(index + turn) % own.length] as Asked);
    let nodeV = 0;
    for (const asked of inTurn) nodeV = Math.max(nodeV, await run(asked));
    for (const width of choices.widths) for (const asked of own) await run(withWidth(asked, width, nodeV));
  }
  return inOrder(runs, choices.policies);
}

/** Runs of the first policy first, in the order of seeds. */
const inOrder = (runs: readonly ComparedRun[], policies: readonly string[]): ComparedRun[] =>
  [...runs].sort((one, other) => policies.indexOf(one.policy) - policies.indexOf(other.policy));

function ownOf(experiment: Experiment): Asked {
  const pulse = freshPulse(experiment.policy);
  if (pulse === undefined)
    throw new FnloopError('invariant', `Policy ${experiment.policy.name} has no pulses to compare.`);
  const { amplitudeV, baseWidthUs: widthUs } = pulse;
  return { experiment, pulse: { amplitudeV, widthUs }, isOwnPulse: true };
}

/** The same with pulses of a share of the width, of the amplitude that moves a node at `nodeV` as far; a board that has no such refuses. */
function withWidth({ experiment, pulse }: Asked, share: number, nodeV: number): Asked {
  const { policy } = experiment;
  if (policy.name === 'none') throw new FnloopError('invariant', 'Policy none has no pulses.');
  const widthUs = Math.max(1, Math.round(pulse.widthUs * share));
  const amplitudeV = sameStepAmplitudeV(pulse, widthUs, { nodeV, device: deviceOf(experiment) });
  return {
    experiment: { ...experiment, policy: withBasePulse(policy, { amplitudeV, baseWidthUs: widthUs }) },
    pulse: { amplitudeV, widthUs },
    isOwnPulse: false,
  };
}

async function commonModeVOf(run: RunReader): Promise<number> {
  const [first] = await run.query<{ commonModeV: number }>(
    'SELECT common_mode_v AS "commonModeV" FROM steps ORDER BY rowid LIMIT 1',
  );
  return first?.commonModeV ?? 0;
}

/** Where the results of a comparison go. */
export const comparisonFolder = (runs: string, id: string): string => join(runs, 'comparisons', id);
