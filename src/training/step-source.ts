import type { ArrayReading } from '../board/types.ts';
import type { HostState } from './host-state.ts';
import type { Proposal, WantedChange } from './policy.ts';

/** What one step wants of the cells, and the pulses that the policy chose for it. */
export interface WantedStep extends Proposal {
  /** Passes over the training part that were begun, from 1. */
  readonly epoch: number;
  readonly changes: readonly WantedChange[];
}

/** Says what each step of a run is to do: the gradient of a task, or a trainer outside. */
export interface StepSource {
  /** The next step, at the weights that the chip holds by its last reading; undefined where nothing more is wanted. */
  next(reading: ArrayReading): WantedStep | Promise<WantedStep | undefined>;
  /** What is left to do in the step that `next` began, by a reading after its last round: nothing where it is done. */
  correct(reading: Pick<ArrayReading, 'cells'>): Proposal;
  /** The run has rested: the time until this reading says nothing about how long steps take. */
  rested(reading: ArrayReading): void;
  /** What another process needs to go on after a step that ended with this reading; absent where only the one outside could. */
  stateAt?(reading: ArrayReading): HostState;
}
