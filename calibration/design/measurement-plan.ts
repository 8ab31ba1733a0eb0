/** One thing to do to all nodes alike; the whole array is read after it. */
export type Action =
  /** Nothing for so long. */
  | { readonly kind: 'rest'; readonly durationS: number }
  /** So many more readings right after one another, for the noise. */
  | { readonly kind: 'read'; readonly repeats: number }
  /** A pulse on every S node, then on every R node; cells that are neighbors never in the same slot. */
  | { readonly kind: 'pulse'; readonly amplitudeV: number; readonly widthS: number };

/** Sigmas that a node's fit is expected to reach. */
export interface Expected {
  readonly k2V: number;
  readonly lnK1: number;
  readonly couplingRel: number;
  /** Relative, of a pulse of 3 V and 50 ms at the node's present voltage. */
  readonly responseRel: number;
}

export interface PlannedAction {
  readonly action: Action;
  /** Since the first reading, after this action and the reading that follows, s. */
  readonly boardTimeS: number;
  /** Mean node voltage then, V. */
  readonly nodeV: number;
  readonly expected: Expected;
}

/** What to measure, in order, and what it is expected to tell. */
export interface MeasurementPlan {
  readonly actions: readonly PlannedAction[];
  readonly expected: Expected;
  readonly boardTimeS: number;
  /** Pulses that each node receives, and the sum of their amplitudes times widths, V s. */
  readonly pulsesPerNode: number;
  readonly voltSecondsPerNode: number;
  /** Why it stopped: `target` reached, or a limit. */
  readonly stoppedBy: 'target' | 'boardTimeS' | 'nodeV' | 'pulses';
}
