import gammaln from '@stdlib/math-base-special-gammaln';
import { thermalEnergyZJ } from '../constants.ts';

/** A barrier that follows the schedule R_n = R_0 / n^p; FN physics gives p = 1. */
export interface MatchedSchedule {
  readonly temperatureK: number;
  /** ln(R_max / R_0): 0 when the first update runs at the attempt rate. */
  readonly logRateRatio: number;
  readonly exponent: number;
}

/** Least energy of a parameter's n-th update (n from 1), zJ: kT [ln(R_max/R_0) + p ln n]; THEORY.md, equation 12. */
export function matchedUpdateZJ(
  n: number,
  { temperatureK, logRateRatio, exponent }: MatchedSchedule,
): number {
  if (!(n >= 1)) throw new RangeError(`n: an update's number starts at 1, found ${n}`);
  return thermalEnergyZJ(temperatureK) * (logRateRatio + exponent * Math.log(n));
}

/**
 * Least energy of `operations` updates spread evenly over `parameters`, zJ: M kT [N ln(R_max/R_0) + p ln N!].
 * Throws RangeError with fewer operations than parameters: a parameter that is never updated is not trained.
 */
export function matchedTotalZJ(
  { parameters, operations }: { readonly parameters: number; readonly operations: number },
  { temperatureK, logRateRatio, exponent }: MatchedSchedule,
): number {
  if (!(parameters >= 1) || !(operations >= parameters)) {
    throw new RangeError(
      `operations: expected at least one a parameter (${parameters}), found ${operations}`,
    );
  }
  const perParameter = operations / parameters;
  return (
    parameters *
    thermalEnergyZJ(temperatureK) *
    (perParameter * logRateRatio + exponent * gammaln(perParameter + 1))
  );
}
