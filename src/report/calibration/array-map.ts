import type { Verdict } from '../../../calibration/fit/verdict.ts';
import type { Calibration } from '../../chip/calibration.ts';
import { goodNodes, rateAt, referenceNodeV } from './fitted-nodes.ts';
import { median } from './statistics.ts';

/** How a masked node is marked in a map. */
export const verdictLetters = {
  good: '',
  dead: 'D',
  clipped: 'C',
  stuck: 'S',
  leaky: 'L',
  'not-fowler-nordheim': 'N',
  'not-converged': 'X',
  'too-few-points': 'F',
} as const satisfies Record<Verdict, string>;

/** One node in the maps of an array; its quantities are null where it is masked. */
export interface MapNode {
  readonly row: number;
  readonly column: number;
  readonly kind: 'S' | 'R';
  readonly verdict: Verdict;
  readonly letter: string;
  readonly k2V: number | null;
  /** Rate of free decay at `referenceNodeV` over the median of the good nodes. */
  readonly rateRel: number | null;
  readonly couplingRel: number | null;
}

/** Nodes by place: cell = row x columns + column. */
export function mapNodes(calibration: Calibration): MapNode[] {
  const { columns } = calibration.board;
  const nodeV = referenceNodeV(calibration);
  const rates = new Map(
    goodNodes(calibration).map(({ node, fit }) => [node, rateAt(fit, nodeV).rateVPerS] as const),
  );
  const typical = median([...rates.values()]);
  return calibration.nodes.map(({ node, verdict, fit }) => {
    const cell = Math.floor(node / 2);
    const good = verdict === 'good' ? fit?.parameters : undefined;
    const rateVPerS = rates.get(node);
    return {
      row: Math.floor(cell / columns),
      column: cell % columns,
      kind: node % 2 === 0 ? 'S' : 'R',
      verdict,
      letter: verdictLetters[verdict],
      k2V: good?.tunneling.k2V ?? null,
      rateRel: rateVPerS === undefined ? null : rateVPerS / typical,
      couplingRel: good?.couplingRel ?? null,
    };
  });
}
