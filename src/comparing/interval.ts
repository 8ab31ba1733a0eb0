import jstat from 'jstat';

/** A mean over runs with its 95 % interval. */
export interface Interval {
  readonly mean: number;
  /** Null where one run tells nothing of the spread, and nothing else of the uncertainty. */
  readonly low: number | null;
  readonly high: number | null;
  /** Runs that it is over. */
  readonly count: number;
}

const TWO_SIDED_95 = 0.975;
const Z_95 = 1.959964;

/** Mean of values of several runs, with the interval of Student's t. Undefined where there are none. */
export function intervalOf(values: readonly number[], sharedSigma = 0): Interval | undefined {
  const count = values.length;
  if (count === 0) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count === 1)
    return sharedSigma > 0
      ? { mean, low: mean - Z_95 * sharedSigma, high: mean + Z_95 * sharedSigma, count }
      : { mean, low: null, high: null, count };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  const half = Math.hypot(
    jstat.jStat.studentt.inv(TWO_SIDED_95, count - 1) * Math.sqrt(variance / count),
    Z_95 * sharedSigma,
  );
  return { mean, low: mean - half, high: mean + half, count };
}

/**
 * Geometric mean of positive values with its interval, which is symmetric in their logarithms and so never reaches zero.
 * `sharedRel` is what all of them may be off by together, 1 sigma, relative.
 */
export function geometricInterval(values: readonly number[], sharedRel = 0): Interval | undefined {
  const logs = intervalOf(values.map(Math.log), sharedRel);
  if (logs === undefined) return undefined;
  const { mean, low, high, count } = logs;
  return {
    mean: Math.exp(mean),
    low: low === null ? null : Math.exp(low),
    high: high === null ? null : Math.exp(high),
    count,
  };
}

/** Mean of shares; its interval ends where shares do. */
export function shareInterval(shares: readonly number[]): Interval | undefined {
  const found = intervalOf(shares);
  if (found === undefined) return undefined;
  const within = (value: number | null) => (value === null ? null : Math.min(1, Math.max(0, value)));
  return { ...found, low: within(found.low), high: within(found.high) };
}
