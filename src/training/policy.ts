import type { Wave } from '../board/types.ts';
import type { PlannedUpdate } from '../scheduling/plan.ts';

export type PulseKind = PlannedUpdate['kind'];

/** How far a second of the policy's pulse moves a cell's weight, V/s, by kind: both positive. */
export type Responses = Readonly<Record<PulseKind, number>>;

/** What training wants of one cell in this step, and what the model says about the cell now. */
export interface WantedChange {
  readonly cell: number;
  /** Change of the weight that the gradient asks for, V. */
  readonly wantedV: number;
  /** Change that the model predicts until the next reading without any pulse, V: the baseline. */
  readonly driftV: number;
  /** At the start of the run, and now. */
  readonly freshVPerS: Responses;
  readonly responseVPerS: Responses;
}

/** An update before it has its number in the run. */
export type ProposedUpdate = Omit<PlannedUpdate, 'update'>;

export interface Proposal {
  readonly updates: readonly ProposedUpdate[];
  /** Cells whose wanted change was larger than the longest pulse; the excess is dropped, not kept. */
  readonly clipped: number;
}

/** How wanted changes become pulses. It may keep state from step to step, a residual for each cell. */
export interface Policy {
  readonly name: string;
  /** The pulse shapes that it uses, shortest first; defined on the board before training. */
  readonly waves: readonly Wave[];
  propose(wanted: readonly WantedChange[]): Proposal;
}
