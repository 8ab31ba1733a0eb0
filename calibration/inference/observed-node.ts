import type { Tunneling } from '../physics/tunneling.ts';

/** One node of an array before and after a time of unknown length. */
export interface ObservedNode {
  /** The number by which its pulses name it. */
  readonly node: number;
  readonly beforeV: number;
  readonly beforeSigmaV: number;
  /** When `beforeV` held, s after the first slot started: below 0 when it was before. */
  readonly beforeAtS: number;
  readonly afterV: number;
  readonly afterSigmaV: number;
  /** When `afterV` was read, s after the instant to which the elapsed time counts. */
  readonly afterAtS: number;
  readonly tunneling: Tunneling;
  /** Relative sigma of its tunneling rate and of its boost, apart from what all nodes share: mismatch. */
  readonly rateRel: number;
  readonly boostRel: number;
}

/** Throws RangeError where a node has no voltage or no sigma: one that clipped has to be left out. */
export function checkObserved({ node, beforeV, afterV, afterSigmaV }: ObservedNode): void {
  for (const nodeV of [beforeV, afterV]) {
    if (!(nodeV > 0 && Number.isFinite(nodeV)))
      throw new RangeError(`node ${node}: expected a voltage above 0 V, found ${nodeV}`);
  }
  if (!(afterSigmaV > 0))
    throw new RangeError(`node ${node}: expected a sigma above 0 V, found ${afterSigmaV}`);
}
