import { thermalEnergyZJ } from '../constants.ts';
import { resolvableBits } from './domain.ts';

/**
 * 2 kT 4^b for each parameter, whatever the number of its updates, zJ: least dissipation by which a driven quantity is
 * known to one part in 2^b; THEORY.md, equation 12e. Throws RangeError.
 */
export function precisionZJ({
  bits,
  temperatureK,
}: {
  readonly bits: number;
  readonly temperatureK: number;
}): number {
  return 2 * thermalEnergyZJ(temperatureK) * 4 ** resolvableBits(bits);
}
