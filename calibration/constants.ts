/** Boltzmann constant, J/K (SI, exact). */
export const BOLTZMANN_J_PER_K = 1.380649e-23;
/** Elementary charge, C (SI, exact). */
export const ELEMENTARY_CHARGE_C = 1.602176634e-19;
/** Planck constant, J s (SI, exact). */
export const PLANCK_J_S = 6.62607015e-34;
/** Electron rest mass, kg (CODATA 2018). */
export const ELECTRON_MASS_KG = 9.1093837015e-31;

const ZJ_PER_J = 1e21;
/** One zeptojoule, J. */
export const J_PER_ZJ = 1e-21;

/** kT in zeptojoules; 4.141947 zJ at 300 K. Throws RangeError unless temperatureK is above 0. */
export function thermalEnergyZJ(temperatureK: number): number {
  if (!(temperatureK > 0 && temperatureK < Number.POSITIVE_INFINITY))
    throw new RangeError(`temperatureK: expected a value above 0 K, found ${temperatureK}`);
  return BOLTZMANN_J_PER_K * temperatureK * ZJ_PER_J;
}
