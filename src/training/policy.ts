import type { BoardIdentity, Wave } from '../board/types.ts';
import type { PlannedUpdate } from '../scheduling/plan.ts';

export type PulseKind = PlannedUpdate['kind'];

/** How far a second of the policy's pulse moves a cell's weight, V/s, by kind: both positive. */
export type Responses = Readonly<Record<PulseKind, number>>;

/** How far one pulse moves a cell's weight, V, by kind: both positive. */
export type Moves = Readonly<Record<PulseKind, number>>;

/** The weight that a cell holds by the last reading. */
export interface HeldWeight {
  readonly cell: number;
  readonly weightV: number;
}

/** What training wants of one cell in this step, and what the model says about the cell now. */
export interface WantedChange extends HeldWeight {
  /** Change of the weight that the gradient asks for, V. */
  readonly wantedV: number;
  /** Change that the model predicts until the next reading without any pulse, V: the baseline. */
  readonly driftV: number;
  /** To the policy's first wave, at the start of the run, and now. */
  readonly freshVPerS: Responses;
  readonly responseVPerS: Responses;
  /** What a pulse of any shape would do now. */
  readonly movesV: (pulse: Pick<Wave, 'amplitudeV' | 'widthUs'>) => Moves;
}

/** An update before it has its number in the run. */
export type ProposedUpdate = Omit<PlannedUpdate, 'update'>;

export interface Proposal {
  readonly updates: readonly ProposedUpdate[];
  /** Cells whose wanted change was more than one step can do; the excess is dropped, not kept. */
  readonly clipped: number;
}

export const nothing: Proposal = { updates: [], clipped: 0 };

/** What a policy keeps from step to step, by cell: as many numbers as it needs. */
export type PolicyState = readonly (readonly [cell: number, ...values: number[]])[];

/** A change of the weight that no update made. */
export interface MovedWeight {
  readonly cell: number;
  readonly byV: number;
}

/** How wanted changes become pulses. It may keep state from step to step, a residual for each cell. */
export interface Policy {
  readonly name: string;
  /** The pulse shapes that it uses, gentlest and shortest first; defined on the board before training. */
  readonly waves: readonly Wave[];
  /** The wave that finds the sign of the weights: of the gentlest, the longest. Undefined for a policy without pulses. */
  readonly signWave: number | undefined;
  propose(wanted: readonly WantedChange[]): Proposal;
  /**
   * What is still to be done in this step, by the weights read after its last round; asked again until it is nothing.
   * Absent where a step is one round.
   */
  correct?(held: readonly HeldWeight[]): Proposal;
  /** What it keeps; a policy that is created with it goes on as this one. */
  readonly state: PolicyState;
  /** Updates of these cells, of those that it proposed last, will not be: what they were to do waits in the residual. Absent where goals stay anyway. */
  withdraw?(cells: readonly number[]): void;
  /** Weights moved while nothing was wanted of them: goals move along. Absent where there are no goals. */
  follow?(moved: readonly MovedWeight[]): void;
}

/** What a policy must know of where its pulses go. */
export interface PolicyPlace {
  readonly board: BoardIdentity;
  /** Noise of one reading of a weight, V. */
  readonly weightSigmaV: number;
  /** Of the policy that is gone on with. */
  readonly state?: PolicyState | undefined;
}

/** How much of its response a cell still has, of that at the start of the run: the learning rate falls with it. */
export const hardeningOf = ({
  freshVPerS,
  responseVPerS,
}: Pick<WantedChange, 'freshVPerS' | 'responseVPerS'>): number =>
  (responseVPerS.SET + responseVPerS.RESET) / (freshVPerS.SET + freshVPerS.RESET);
