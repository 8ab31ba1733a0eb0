import type { BoundAssumptions } from './assumptions.ts';
import { above, atLeast } from './domain.ts';
import { finiteRateZJ } from './finite-rate.ts';
import { landauerZJ } from './landauer.ts';
import { matchedUpdateZJ } from './matched.ts';
import { recycledZJ } from './recycled.ts';
import { retentionBarrierKT, staticZJ } from './static.ts';

/** Bounds of a single update; `precision` is one of a parameter, however often it is updated. */
export const updateBoundNames = ['landauer', 'static', 'finite-rate', 'matched', 'recycled'] as const;
export type UpdateBoundName = (typeof updateBoundNames)[number];

/** What is known of one update. */
export interface UpdateOfParameter {
  /** How many updates its parameter has had with it: 1 for the first. */
  readonly n: number;
  /** v: net updates of that parameter at the time, 1/s. */
  readonly ratePerS: number;
  /** dE/kT of a fixed barrier; by default the one of the retention. */
  readonly barrierKT?: number;
}

/** Least energy of one update under each assumption, zJ. Throws RangeError. */
export function updateBoundsZJ(
  { n, ratePerS, barrierKT }: UpdateOfParameter,
  assumptions: BoundAssumptions,
): Readonly<Record<UpdateBoundName, number>> {
  return {
    landauer: landauerZJ(assumptions),
    static: staticZJ(assumptions),
    'finite-rate': finiteRateZJ({
      ...assumptions,
      ratePerS,
      barrierKT: barrierKT ?? retentionBarrierKT(assumptions),
    }),
    matched: matchedUpdateZJ(n, { ...assumptions, logRateRatio: logRateRatio(assumptions) }),
    recycled: recycledZJ(assumptions),
  };
}

/** ln(R_max/R_0). Throws RangeError for a first update faster than the attempt rate. */
export const logRateRatio = ({ rateRatio }: BoundAssumptions): number =>
  Math.log(atLeast('rateRatio', rateRatio, 1));

/** v where N updates of a parameter are spread evenly over the training, 1/s. Throws RangeError. */
export const meanRatePerS = (perParameter: number, { trainingS }: BoundAssumptions): number =>
  perParameter / above('trainingS', trainingS, 0);
