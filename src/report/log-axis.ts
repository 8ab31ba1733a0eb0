export const FJ_TO_J = 1e-15;

/** The powers of ten around values above 0; those around 1 where there are none. */
export function powersOfTen(values: readonly number[]): readonly [low: number, high: number] {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return most === 0 ? [0.1, 10] : [10 ** Math.floor(Math.log10(least)), 10 ** Math.ceil(Math.log10(most))];
}

/** A place for a label near the end of its line, on a logarithmic axis. */
export interface EndLabel {
  readonly series: string;
  readonly value: number;
}

/**
 * Moves labels apart until none covers another, keeping their order: values at which to write them. `perLabel` is the share of
 * the axis that a label takes.
 */
export function spreadLabels<T extends EndLabel>(
  labels: readonly T[],
  [low, high]: readonly [number, number],
  perLabel: number,
): (T & { readonly at: number })[] {
  const span = Math.log10(high / low);
  const gap = perLabel * span;
  const placed = [...labels]
    .sort((one, other) => one.value - other.value)
    .map((label) => ({ label, at: Math.log10(label.value / low) }));
  for (const [index, place] of placed.entries()) {
    const below = placed[index - 1];
    if (below !== undefined) place.at = Math.max(place.at, below.at + gap);
  }
  // Those pushed off the upper end come back, and push down what is under them.
  let limit = span;
  for (const place of placed.toReversed()) {
    place.at = Math.min(place.at, limit);
    limit = place.at - gap;
  }
  return placed.map(({ label, at }) => ({ ...label, at: low * 10 ** at }));
}
