import gammaln from '@stdlib/math-base-special-gammaln';
import { thermalEnergyZJ } from '../constants.ts';
import { atLeast } from './domain.ts';
import { type TrainingLoad, updatesPerParameter } from './training-load.ts';

/** A barrier that follows the schedule R_n = R_0 / n^p; FN physics gives p = 1. */
export interface MatchedSchedule {
  readonly temperatureK: number;
  /** ln(R_max / R_0): 0 when the first update runs at the attempt rate, which nothing exceeds. */
  readonly logRateRatio: number;
  readonly exponent: number;
}

/**
 * Least energy of a parameter's n-th update (n from 1), zJ: kT [ln(R_max/R_0) + p ln n]; THEORY.md, equation 12.
 * Throws RangeError.
 */
export function matchedUpdateZJ(n: number, schedule: MatchedSchedule): number {
  if (!(n >= 1)) throw new RangeError(`n: an update's number starts at 1, found ${n}`);
  const { temperatureK, logRateRatio, exponent } = risingBarrier(schedule);
  return thermalEnergyZJ(temperatureK) * (logRateRatio + exponent * Math.log(n));
}

/**
 * Least energy of `operations` updates over `parameters`, zJ: M kT [N ln(R_max/R_0) + p ln N!]. Even spreading costs
 * least, so it is a bound for any. Throws RangeError, as `updatesPerParameter` does.
 */
export function matchedTotalZJ(load: TrainingLoad, schedule: MatchedSchedule): number {
  const perParameter = updatesPerParameter(load);
  const { temperatureK, logRateRatio, exponent } = risingBarrier(schedule);
  return (
    load.parameters *
    thermalEnergyZJ(temperatureK) *
    (perParameter * logRateRatio + exponent * gammaln(perParameter + 1))
  );
}

/** A schedule whose barrier is never negative; others are refused. */
function risingBarrier(schedule: MatchedSchedule): MatchedSchedule {
  atLeast('logRateRatio', schedule.logRateRatio, 0);
  atLeast('exponent', schedule.exponent, 0);
  return schedule;
}
