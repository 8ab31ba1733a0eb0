/** The named estimators of the energy of one pulse; THEORY.md, equations 8 to 10. */
export const estimators = ['full-cycle', 'half-cv2', 'tunneling'] as const;
export type Estimator = (typeof estimators)[number];

/** C_C V_p: charge that the driver moves through the coupling capacitor, fC. */
export function drivenChargeFC(couplingFF: number, amplitudeV: number): number {
  return couplingFF * amplitudeV;
}

/** C_T drop: charge that crossed the oxide, fC. */
export function tunneledChargeFC(nodeCapacitanceFF: number, dropV: number): number {
  return nodeCapacitanceFF * dropV;
}

/** 1/2 C_C V_p^2, fJ: the convention behind "5 fJ" as used here [derived]. */
export function halfCV2FJ(couplingFF: number, amplitudeV: number): number {
  return 0.5 * couplingFF * amplitudeV ** 2;
}

/** C_C (1 - eta) V_p^2, fJ: what an ideal driver dissipates per complete pulse. The headline figure. */
export function fullCycleFJ(couplingFF: number, couplingRel: number, amplitudeV: number): number {
  return couplingFF * (1 - couplingRel) * amplitudeV ** 2;
}

/** C_T drop (V + boost), fJ: tunneled charge times the oxide's voltage. The device core. */
export function tunnelingFJ(nodeCapacitanceFF: number, dropV: number, nodeV: number, boostV: number): number {
  return tunneledChargeFC(nodeCapacitanceFF, dropV) * (nodeV + boostV);
}
