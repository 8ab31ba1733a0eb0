/** The value below which that share of the values lies, between neighbors linearly. NaN where there are none. */
export function quantile(values: readonly number[], share: number): number {
  const ordered = [...values].sort((left, right) => left - right);
  const place = share * (ordered.length - 1);
  const below = ordered[Math.floor(place)] ?? Number.NaN;
  const above = ordered[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

const SIGMAS_PER_MAD = 1.4826;

/** Standard deviation by the median of absolute deviations: a few strange nodes do not move it. */
export function spread(values: readonly number[]): number {
  const middle = median(values);
  return SIGMAS_PER_MAD * median(values.map((value) => Math.abs(value - middle)));
}

/** At most so many of the items, evenly spaced over their order. */
export function thinned<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, index) => items[Math.floor((index * items.length) / most)] as T);
}
