import { landauerZJ } from '../../calibration/bounds/landauer.ts';
import { matchedUpdateZJ } from '../../calibration/bounds/matched.ts';
import type { Experiment } from '../config/experiment.ts';

/** The lower bounds that every update is compared with. */
export const boundNames = ['landauer', 'matched'] as const;
export type BoundName = (typeof boundNames)[number];

/** Bounds of a parameter's `n`-th update (n from 1), zJ. */
export function boundsOfUpdate(
  n: number,
  accounting: Experiment['accounting'],
): Readonly<Record<BoundName, number>> {
  return { landauer: landauerZJ(accounting), matched: matchedUpdateZJ(n, accounting) };
}
