import type { BoundAssumptions } from './assumptions.ts';
import { type BoundName, boundNames, trainingBounds } from './training-bounds.ts';

/**
 * What the abstract of arXiv 2402.14878 (v1, v2) says learning in memory costs at least. The number of operations behind
 * it is not in the abstract: 1e28 is ours. So being near it is a consistency check, and no reproduction.
 */
export const publishedBand = {
  parameters: 1e15,
  minJ: 1e8,
  maxJ: 1e9,
  provenance: 'published',
  source: 'arXiv 2402.14878 v1 and v2, abstract',
  operations: 1e28,
  operationsProvenance: 'assumed',
} as const;

/** Geometric center of the band, J. */
export const bandCenterJ = Math.sqrt(publishedBand.minJ * publishedBand.maxJ);

/** Each bound at the size of the published band. */
export interface BandComparison {
  readonly totalJ: number;
  /** Total over the band's center. */
  readonly overCenter: number;
  readonly isInBand: boolean;
}

/** Compares each bound with the published band, at its number of parameters and the assumed OPS. Throws RangeError. */
export function compareWithBand(assumptions: BoundAssumptions): Readonly<Record<BoundName, BandComparison>> {
  const bounds = trainingBounds(publishedBand, assumptions);
  const compared = ({ totalJ }: { readonly totalJ: number }): BandComparison => ({
    totalJ,
    overCenter: totalJ / bandCenterJ,
    isInBand: totalJ >= publishedBand.minJ && totalJ <= publishedBand.maxJ,
  });
  return Object.fromEntries(boundNames.map((name) => [name, compared(bounds[name])])) as Record<
    BoundName,
    BandComparison
  >;
}
