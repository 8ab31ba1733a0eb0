import { thermalEnergyZJ } from '../constants.ts';
import { above } from './domain.ts';

/** A barrier that keeps what was written. */
export interface Retention {
  readonly retentionS: number;
  /** R_max: rate over no barrier at all, 1/s. */
  readonly rateMaxPerS: number;
}

/**
 * Height of the barrier that is crossed once in `retentionS`, over kT: ln(R_max tau); THEORY.md, equation 12b.
 * Throws RangeError where the retention is no longer than one attempt: nothing is retained.
 */
export function retentionBarrierKT({ retentionS, rateMaxPerS }: Retention): number {
  above('rateMaxPerS', rateMaxPerS, 0);
  above('retentionS', retentionS, 1 / rateMaxPerS);
  // A sum of logarithms: the product may leave the range of a double.
  return Math.log(rateMaxPerS) + Math.log(retentionS);
}

/** kT ln(R_max tau) for each write, which surmounts that barrier and does not get it back, zJ. Throws RangeError. */
export const staticZJ = (retention: Retention & { readonly temperatureK: number }): number =>
  thermalEnergyZJ(retention.temperatureK) * retentionBarrierKT(retention);
