import { numberWithSigma, quantity, withSigma } from '../core/format.ts';
import type { BoundComparison } from '../report/bound-comparison.ts';
import type { Projection } from '../report/projection.ts';
import { powers } from './powers.ts';

const FJ_PER_J = 1e15;
const J_PER_KWH = 3.6e6;

/** What was measured, as rows beside the bounds. */
export function projectionRows({ projection, bounds }: BoundComparison): string[][] {
  if (projection === null) return [];
  const { lines, updates, source } = projection;
  const perKT = bounds.landauer.perUpdateKT / bounds.landauer.perUpdateJ;
  return lines.map(({ name, perUpdateJ, perUpdateSigmaJ, totalJ, overMatched }) => [
    `this chip, ${name}`,
    `mean of ${updates} updates [${source === 'mock' ? 'mock' : 'measured'}]`,
    perUpdateSigmaJ === null
      ? quantity(perUpdateJ * FJ_PER_J, 'fJ')
      : withSigma(perUpdateJ * FJ_PER_J, perUpdateSigmaJ * FJ_PER_J, 'fJ'),
    powers(perUpdateJ * perKT),
    powers(totalJ),
    powers(totalJ / J_PER_KWH),
    overMatched === null
      ? '-'
      : overMatched.sigma === null
        ? powers(overMatched.value)
        : numberWithSigma(overMatched.value, overMatched.sigma),
  ]);
}

/** Intervals, and what the projection takes for granted. */
export function projectionLines(projection: Projection | null): string[] {
  if (projection === null) return [];
  const { runId, lines, assumptions } = projection;
  const intervals = lines.flatMap(({ name, interval }) =>
    interval === null ? [] : [`${powers(interval.fromJ)} to ${powers(interval.toJ)} J (${name})`],
  );
  return [
    `This chip is that of run ${runId}; in all, with 95 % confidence: ${intervals.join(', ')}. This assumes:`,
    ...assumptions.map((assumption) => `  - ${assumption}`),
  ];
}
