import { convertersOf } from '../board/converters.ts';
import { nodeNumber } from '../board/nodes.ts';
import type { BoardIdentity } from '../board/types.ts';
import type { ChipModel } from '../chip/chip-model.ts';
import type { Experiment } from '../config/experiment.ts';
import { type CellModel, weightSigmaV } from './cell-model.ts';
import { GradientSteps } from './gradient-steps.ts';
import type { HostState } from './host-state.ts';
import { createPolicy } from './policies/index.ts';
import type { MovedWeight } from './policy.ts';
import type { RecordedRun } from './resume-point.ts';
import type { Task } from './task.ts';

export interface InterruptedParts {
  readonly experiment: Experiment;
  readonly task: Task;
  readonly board: BoardIdentity;
  readonly chip: ChipModel;
  readonly model: CellModel;
}

/** What the process that died would hold by now. */
export interface InterruptedState {
  readonly state: HostState;
  /** Of the step that was cut in its middle; absent where none was. */
  readonly cut?: { readonly epoch: number; readonly clipped: number };
}

/**
 * Takes the state of the last whole step to where the interruption left the run. What a step that was cut had proposed follows from that
 * state and its reading; of that, what was not pulsed goes back into the residuals, and its minibatch counts as used. Goals of weights that
 * moved in the meantime move along.
 */
export function interruptedState(
  { experiment, task, board, chip, model }: InterruptedParts,
  { state, start, before, cut }: Pick<RecordedRun, 'state' | 'start' | 'before' | 'cut'>,
  moved: readonly MovedWeight[],
): InterruptedState {
  const policy = createPolicy(experiment.policy, {
    board,
    weightSigmaV: weightSigmaV(chip.device, convertersOf(board)),
    state: state.policy,
  });
  const steps = new GradientSteps({ experiment, task, policy, model }, start, { state, reading: before });
  if (cut.length === 0) {
    policy.follow?.(moved);
    return { state: steps.stateAt(before) };
  }
  const { epoch, clipped, updates } = steps.next(before);
  const isPulsed = new Set(cut.map(({ cell, kind }) => nodeNumber(cell, kind)));
  policy.withdraw?.(
    updates.flatMap(({ cell, kind }) => (isPulsed.has(nodeNumber(cell, kind)) ? [] : [cell])),
  );
  policy.follow?.(moved);
  return { state: steps.stateAt(before), cut: { epoch, clipped } };
}
