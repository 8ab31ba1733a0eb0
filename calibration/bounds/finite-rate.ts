import { thermalEnergyZJ } from '../constants.ts';
import { above, atLeast } from './domain.ts';

/** Net steps over a fixed barrier. */
export interface FiniteRate {
  readonly temperatureK: number;
  /** v: net updates of one parameter, 1/s. */
  readonly ratePerS: number;
  /** R_max: rate over no barrier at all, 1/s. */
  readonly rateMaxPerS: number;
  /** dE/kT. */
  readonly barrierKT: number;
}

/**
 * Tilt that drives `ratePerS` net steps a second over the barrier, dissipated in each, zJ: 2 kT asinh(v exp(dE/kT)/(2 R_max));
 * THEORY.md, equation 12c. Throws RangeError, also for a rate above R_max, which no barrier slows down to.
 */
export function finiteRateZJ({ temperatureK, ratePerS, rateMaxPerS, barrierKT }: FiniteRate): number {
  above('rateMaxPerS', rateMaxPerS, 0);
  above('ratePerS', ratePerS, 0);
  if (ratePerS > rateMaxPerS) {
    throw new RangeError(
      `ratePerS: expected at most the attempt rate (${rateMaxPerS} a second), found ${ratePerS}`,
    );
  }
  const lnSinh = Math.log(ratePerS) - Math.log(rateMaxPerS) + atLeast('barrierKT', barrierKT, 0) - Math.LN2;
  return 2 * thermalEnergyZJ(temperatureK) * asinhOfExp(lnSinh);
}

/** Beyond this, asinh(e^x) is x + ln2 to the last digit: the next term is e^-2x/4. */
const LARGE = 20;

/** asinh(e^x) for any x: e^x itself would overflow for a barrier above 710 kT. */
const asinhOfExp = (x: number): number => (x > LARGE ? x + Math.LN2 : Math.asinh(Math.exp(x)));
