import type { NodeFit } from '../../../calibration/fit/node-fit.ts';
import type { Verdict } from '../../../calibration/fit/verdict.ts';
import { decayRateVPerS } from '../../../calibration/physics/tunneling.ts';
import type { Calibration } from '../../chip/calibration.ts';
import { median } from './statistics.ts';

/** A node that was fitted, whatever became of it. */
export interface FittedNode {
  readonly node: number;
  readonly verdict: Verdict;
  readonly fit: NodeFit;
}

export const fittedNodes = ({ nodes }: Calibration): FittedNode[] =>
  nodes.flatMap(({ node, verdict, fit }) => (fit === null ? [] : [{ node, verdict, fit }]));

export const goodNodes = (calibration: Calibration): FittedNode[] =>
  fittedNodes(calibration).filter(({ verdict }) => verdict === 'good');

const STEP_V = 0.1;
/** Where no good node was read. */
const USUAL_NODE_V = 8;

/**
 * The node voltage at which rates are compared, V: the median of what the good nodes read, rounded to 0.1 V. There k1 and k2,
 * each of which alone depends on the other, tell the rate best.
 */
export function referenceNodeV(calibration: Calibration): number {
  const { nodeVPerCode } = calibration.board;
  const good = new Set(goodNodes(calibration).map(({ node }) => node));
  const readV = calibration.points
    .filter(({ node }) => good.has(node))
    .flatMap(({ code }) => code.flatMap((found) => (found === null ? [] : [found * nodeVPerCode])));
  return readV.length === 0 ? USUAL_NODE_V : Math.round(median(readV) / STEP_V) * STEP_V;
}

/** Rate of free decay at `nodeV` and its relative sigma by the covariance of k1 and k2. */
export function rateAt(
  { parameters: { tunneling }, covariance }: NodeFit,
  nodeV: number,
): { readonly rateVPerS: number; readonly sigmaRel: number } {
  const perK2V = -(1 / tunneling.k2V + 1 / nodeV);
  const entry = (row: number, column: number): number => covariance[row]?.[column] ?? 0;
  const variance = entry(0, 0) + 2 * perK2V * entry(0, 1) + perK2V ** 2 * entry(1, 1);
  return { rateVPerS: decayRateVPerS(nodeV, tunneling), sigmaRel: Math.sqrt(Math.max(0, variance)) };
}

/** Median parameters of the good nodes: the node that lines in figures are drawn for. */
export function medianTunneling(nodes: readonly FittedNode[]) {
  const of = nodes.map(({ fit }) => fit.parameters);
  return {
    tunneling: {
      k1PerS: Math.exp(median(of.map(({ tunneling }) => Math.log(tunneling.k1PerS)))),
      k2V: median(of.map(({ tunneling }) => tunneling.k2V)),
    },
    couplingRel: median(of.map(({ couplingRel }) => couplingRel)),
  };
}
