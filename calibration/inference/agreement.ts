import { ELEMENTARY_CHARGE_C } from '../constants.ts';
import { DecayingNode } from './decaying-node.ts';
import { checkObserved, type ObservedNode } from './observed-node.ts';
import type { PossiblePulse } from './slots-done.ts';

/** An array that was left alone: how it was known, what it received after that, and how it is read now. */
export interface LeftAlone {
  /** Nodes that were known before and are read now. Leave out those that clip. */
  readonly nodes: readonly ObservedNode[];
  /** Pulses after which nobody read their nodes. */
  readonly pulses: readonly PossiblePulse[];
  /** From the latest knowledge to the reading, s, by the board's clock; undefined where that began anew. */
  readonly elapsedS: number | undefined;
  /** Relative sigmas of rate and boost that all nodes share. */
  readonly rateRel: number;
  readonly boostRel: number;
  readonly nodeCapacitanceFF: number;
}

/** One node beside its expectation. */
export interface NodeAgreement {
  readonly node: number;
  readonly expectedV: number;
  readonly sigmaV: number;
  /** Read less expected, in sigmas. */
  readonly deviation: number;
}

export interface ArrayAgreement {
  readonly nodes: readonly NodeAgreement[];
  /** The decay time that explains what the median node fell, s; undefined without nodes. */
  readonly decayedS: number | undefined;
}

const FC_PER_C = 1e15;
/** The median of normal values is so much less sure than their mean. */
const MEDIAN_SIGMAS = 1.2533;
/** Within so many sigmas the cells decide how long they decayed, beyond that the board's clock does. */
const MOST_SIGMAS = 5;

/**
 * Whether the nodes of an array fell as the model says, each by itself; THEORY.md, equation 29. What moves all of them alike, time and
 * temperature, is taken from their median, which cells that were changed cannot move while they are the fewer.
 */
export function agreementOf(left: LeftAlone): ArrayAgreement {
  const { nodes, pulses, elapsedS } = left;
  nodes.forEach(checkObserved);
  const decaying = nodes.map((node) => new DecayingNode(node));
  for (const { node, boostV, widthS } of pulses)
    decaying.find(({ observed }) => observed.node === node)?.pulse(0, boostV, widthS);
  const decayedS = medianOf(decaying.map((node) => node.elapsedIfFreeS - node.worthS));
  if (decayedS === undefined) return { nodes: [], decayedS };
  const usedS =
    elapsedS === undefined
      ? Math.max(0, decayedS)
      : nearest(decayedS, elapsedS, toleranceS(decaying, elapsedS, left));
  return { nodes: decaying.map((node) => compared(node, usedS, left)), decayedS };
}

/** How far the cells' time may be off that of the clock: the rate that all share, and what noise leaves of the median. */
function toleranceS(decaying: readonly DecayingNode[], elapsedS: number, left: LeftAlone): number {
  const sigmasS = decaying.map((node) => {
    const { rateVPerS } = node.fallAfter(elapsedS + node.extraS + node.worthS);
    return compared(node, elapsedS, left).sigmaV / rateVPerS;
  });
  const noiseS = (MEDIAN_SIGMAS * (medianOf(sigmasS) ?? 0)) / Math.sqrt(Math.max(1, decaying.length));
  return MOST_SIGMAS * Math.hypot(left.rateRel * elapsedS, noiseS);
}

function compared(
  node: DecayingNode,
  elapsedS: number,
  { boostRel, nodeCapacitanceFF }: LeftAlone,
): NodeAgreement {
  const { observed, extraS, worthS, perBoostRelS } = node;
  const decayS = elapsedS + extraS + worthS;
  const { dropV, rateVPerS, memory } = node.fallAfter(decayS);
  const electronV = (ELEMENTARY_CHARGE_C * FC_PER_C) / nodeCapacitanceFF;
  const sigmaV = Math.sqrt(
    (memory * observed.beforeSigmaV) ** 2 +
      observed.afterSigmaV ** 2 +
      (observed.rateRel * rateVPerS * decayS) ** 2 +
      (Math.hypot(observed.boostRel, boostRel) * rateVPerS * perBoostRelS) ** 2 +
      electronV * Math.abs(dropV),
  );
  const expectedV = observed.beforeV - dropV;
  return { node: observed.node, expectedV, sigmaV, deviation: (observed.afterV - expectedV) / sigmaV };
}

const nearest = (value: number, center: number, tolerance: number): number =>
  Math.min(center + tolerance, Math.max(center - tolerance, value));

function medianOf(values: readonly number[]): number | undefined {
  const sorted = values.filter(Number.isFinite).sort((one, other) => one - other);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}
