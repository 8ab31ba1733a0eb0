import { ArrayDecay, type DecayFit, type Shared } from './array-decay.ts';
import type { ObservedNode } from './observed-node.ts';

/** A pulse that may have happened; a node may appear once in a slot. */
export interface PossiblePulse {
  readonly node: number;
  readonly boostV: number;
  readonly widthS: number;
}

/** What is known when a board comes back without its memory of a sequence of slots. */
export interface Evidence {
  /** Nodes that were read before and after, pulsed or not. Leave out those that clip. */
  readonly nodes: readonly ObservedNode[];
  /** In order. A slot lasts as long as its longest pulse; some number of whole slots from the first happened. */
  readonly slots: readonly (readonly PossiblePulse[])[];
  /** From the end of one slot's longest pulse to the start of the next slot's pulses, s. */
  readonly slotRestS: number;
  readonly shared: Shared;
}

/** How many slots happened, and how sure that is. */
export interface SlotsDone {
  /** Most probable number, from 0 to all, each held for equally likely beforehand. */
  readonly slotsDone: number;
  /** Probability that exactly these happened. */
  readonly confidence: number;
  /** Second most probable number; absent when there was nothing to choose. */
  readonly runnerUp: { readonly slotsDone: number; readonly confidence: number } | undefined;
  /** Probability of each number of slots, 0 to all. */
  readonly posterior: readonly number[];
  /** From the start of the first slot to the reading, s, as the array itself tells. */
  readonly elapsedS: number;
  readonly elapsedSigmaS: number;
  /** About 1 when the model holds. Above 1, probabilities are given as if every sigma were larger by its root. */
  readonly chi2PerDof: number;
}

/**
 * How many slots of a sequence happened, told from the cells alone; THEORY.md, equations 13 to 16.
 *
 * Never refuses: what the data cannot tell shows as low confidence. A slot that was cut short in its
 * middle is not among the hypotheses and shows, if at all, as chi square.
 */
export function inferSlotsDone({ nodes, slots, slotRestS, shared }: Evidence): SlotsDone {
  const decay = new ArrayDecay(nodes, shared);
  const fits = [decay.fit()];
  let startS = 0;
  for (const slot of slots) {
    for (const { node, boostV, widthS } of slot) decay.pulse(node, startS, boostV, widthS);
    fits.push(decay.fit());
    startS += Math.max(0, ...slot.map(({ widthS }) => widthS)) + slotRestS;
  }

  const logLikelihoods = fits.map(({ logLikelihood }) => logLikelihood);
  const order = logLikelihoods
    .map((_, index) => index)
    .sort((x, y) => at(logLikelihoods, y) - at(logLikelihoods, x));
  const [slotsDone = 0, second] = order;
  const best = fits[slotsDone] as DecayFit;
  const chi2PerDof = best.chi2 / Math.max(1, nodes.length - (Number.isFinite(shared.elapsed.sigmaS) ? 0 : 1));
  const posterior = probabilities(logLikelihoods, Math.max(1, chi2PerDof));
  return {
    slotsDone,
    confidence: at(posterior, slotsDone),
    runnerUp: second === undefined ? undefined : { slotsDone: second, confidence: at(posterior, second) },
    posterior,
    elapsedS: best.elapsedS,
    elapsedSigmaS: best.elapsedSigmaS,
    chi2PerDof,
  };
}

/** Normalized exp(ln likelihood / temperature). */
function probabilities(logLikelihoods: readonly number[], inflation: number): number[] {
  const peak = Math.max(...logLikelihoods);
  const shares = logLikelihoods.map((value) => Math.exp((value - peak) / inflation));
  const sum = shares.reduce((total, share) => total + share, 0);
  return shares.map((share) => share / sum);
}

const at = (values: readonly number[], index: number): number => values[index] ?? 0;
