import type { Point } from './convex-region.ts';

/** An instant at which a clock was not below (or not above) a line, by an unknown delay. */
export interface Bound {
  /** Of the host's clock, ms. */
  readonly atMs: number;
  /** Of the board's clock, beyond that of the host, us. */
  readonly aheadUs: number;
}

export interface LineBounds {
  /** Above the line by the delay of the way out. */
  readonly above: readonly Bound[];
  /** Below the line by the delay of the way back. */
  readonly below: readonly Bound[];
}

/** Of all delays of one way, so many are quick ones: fewer follow single chances, more the jitter. */
const QUICK_SHARE = 0.04;
const LEAST_QUICK = 3;
const STEPS = 12;

/**
 * The line (x offset in us at 0 ms, y skew in us/ms) under which the quick delays of both ways are the same on
 * average, and lie around the same time; sought for y within `reachY` of `nearY`.
 */
export function balancedLine({ above, below }: LineBounds, nearY: number, reachY: number): Point {
  let [least, most] = [nearY - reachY, nearY + reachY];
  for (let step = 0; step < STEPS; step += 1) {
    const y = (least + most) / 2;
    // A greater skew makes the later ones of the way out quick, and the earlier ones of the way back.
    if (quickOnes(above, 1, y).atMs > quickOnes(below, -1, y).atMs) most = y;
    else least = y;
  }
  const y = (least + most) / 2;
  return { x: (quickOnes(above, 1, y).delayUs - quickOnes(below, -1, y).delayUs) / 2, y };
}

/** Means over the quick ones of one way under a line of that skew: when they were, and how long they took. */
function quickOnes(bounds: readonly Bound[], sign: 1 | -1, y: number) {
  const delaysUs = Float64Array.from(bounds, ({ atMs, aheadUs }) => sign * (aheadUs - y * atMs));
  const count = Math.min(bounds.length, Math.max(LEAST_QUICK, Math.round(QUICK_SHARE * bounds.length)));
  const limitUs = delaysUs.toSorted()[count - 1] ?? Number.POSITIVE_INFINITY;
  const sum = { atMs: 0, delayUs: 0, quick: 0 };
  for (const [index, { atMs }] of bounds.entries()) {
    const delayUs = delaysUs[index] ?? Number.POSITIVE_INFINITY;
    if (delayUs > limitUs) continue;
    sum.atMs += atMs;
    sum.delayUs += delayUs;
    sum.quick += 1;
  }
  return { atMs: sum.atMs / sum.quick, delayUs: sum.delayUs / sum.quick };
}
