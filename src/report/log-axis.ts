export const FJ_TO_J = 1e-15;

/** The powers of ten around values above 0; those around 1 where there are none. */
export function powersOfTen(values: readonly number[]): readonly [low: number, high: number] {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (most === 0) return [0.1, 10];
  const low = 10 ** Math.floor(Math.log10(least));
  return [low, Math.max(10 ** Math.ceil(Math.log10(most)), 10 * low)];
}

/** The last point of each series. */
export const lastOfEach = <T extends { readonly series: string }>(points: readonly T[]): T[] => [
  ...new Map(points.map((point) => [point.series, point])).values(),
];

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

/** 1, 2 and 5 of each decade of a short domain, for ticks. */
export const oneTwoFive = ([low, high]: readonly [number, number]): number[] => {
  const first = Math.round(Math.log10(low));
  const decades = Math.round(Math.log10(high)) - first;
  const digits = decades > 2 ? [1] : [1, 2, 5];
  return Array.from({ length: decades + 1 }, (_, decade) =>
    digits.map((digit) => Number(`${digit}e${first + decade}`)),
  )
    .flat()
    .filter((tick) => tick <= high);
};
