import { thermalEnergyZJ } from '../constants.ts';
import { resolvableBits } from './domain.ts';

/** b kT ln2 for each update that rewrites `bits`, zJ; THEORY.md, equation 11. Throws RangeError. */
export function landauerZJ({
  bits,
  temperatureK,
}: {
  readonly bits: number;
  readonly temperatureK: number;
}): number {
  return resolvableBits(bits) * thermalEnergyZJ(temperatureK) * Math.LN2;
}
