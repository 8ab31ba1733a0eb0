import { ELECTRON_MASS_KG, ELEMENTARY_CHARGE_C, PLANCK_J_S } from '../constants.ts';
import type { Tunneling } from './tunneling.ts';

/** Tunneling oxide: barrier height, effective mass over the electron's, thickness, area, and the node's capacitance. */
export interface Oxide {
  readonly barrierEV: number;
  readonly massRel: number;
  readonly thicknessNm: number;
  readonly areaUm2: number;
  readonly nodeCapacitanceFF: number;
}

/** Prefactor A (A/V^2) and exponent B (V/m) of J = A E^2 exp(-B/E); THEORY.md, equation 1. */
export function fowlerNordheim({ barrierEV, massRel }: Pick<Oxide, 'barrierEV' | 'massRel'>) {
  const q = ELEMENTARY_CHARGE_C;
  const barrierJ = barrierEV * q;
  const massKg = massRel * ELECTRON_MASS_KG;
  return {
    prefactorAPerV2: q ** 3 / (8 * Math.PI * PLANCK_J_S * barrierJ * massRel),
    exponentVPerM: (8 * Math.PI * Math.sqrt(2 * massKg) * barrierJ ** 1.5) / (3 * PLANCK_J_S * q),
  };
}

/** The node parameters that the oxide's data predict; THEORY.md, equation 2. */
export function tunnelingOfOxide(oxide: Oxide): Tunneling {
  const { prefactorAPerV2, exponentVPerM } = fowlerNordheim(oxide);
  const thicknessM = oxide.thicknessNm * 1e-9;
  const areaM2 = oxide.areaUm2 * 1e-12;
  return {
    k1PerS: (prefactorAPerV2 * exponentVPerM * areaM2) / (oxide.nodeCapacitanceFF * 1e-15 * thicknessM),
    k2V: exponentVPerM * thicknessM,
  };
}
