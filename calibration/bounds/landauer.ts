import { thermalEnergyZJ } from '../constants.ts';

/** b kT ln2 for each update that rewrites `bits`, zJ; THEORY.md, equation 11. */
export function landauerZJ({
  bits,
  temperatureK,
}: {
  readonly bits: number;
  readonly temperatureK: number;
}): number {
  if (!(bits > 0)) throw new RangeError(`bits: expected a value above 0, found ${bits}`);
  return bits * thermalEnergyZJ(temperatureK) * Math.LN2;
}
