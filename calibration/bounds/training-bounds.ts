import { J_PER_ZJ } from '../constants.ts';
import type { BoundAssumptions } from './assumptions.ts';
import { matchedTotalZJ } from './matched.ts';
import { precisionZJ } from './precision.ts';
import { type TrainingLoad, updatesPerParameter } from './training-load.ts';
import { logRateRatio, meanRatePerS, updateBoundNames, updateBoundsZJ } from './update-bounds.ts';

export const boundNames = [...updateBoundNames, 'precision'] as const;
export type BoundName = (typeof boundNames)[number];

/** One bound of a whole training. */
export interface TrainingBound {
  /** Mean over all updates. */
  readonly perUpdateZJ: number;
  readonly totalJ: number;
}

/** Least energy of a training under each assumption. Throws RangeError. */
export function trainingBounds(
  load: TrainingLoad,
  assumptions: BoundAssumptions,
): Readonly<Record<BoundName, TrainingBound>> {
  const perParameter = updatesPerParameter(load);
  const { operations } = load;
  const single = updateBoundsZJ({ n: 1, ratePerS: meanRatePerS(perParameter, assumptions) }, assumptions);
  const everyUpdate = (perUpdateZJ: number): TrainingBound => ({
    perUpdateZJ,
    totalJ: perUpdateZJ * J_PER_ZJ * operations,
  });
  const matchedZJ = matchedTotalZJ(load, { ...assumptions, logRateRatio: logRateRatio(assumptions) });
  return {
    landauer: everyUpdate(single.landauer),
    static: everyUpdate(single.static),
    'finite-rate': everyUpdate(single['finite-rate']),
    matched: everyUpdate(matchedZJ / operations),
    recycled: everyUpdate(single.recycled),
    precision: everyUpdate(precisionZJ(assumptions) / perParameter),
  };
}
