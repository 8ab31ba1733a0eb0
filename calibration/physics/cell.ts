import { type Tunneling, tunnelingDropV } from './tunneling.ts';

/** Whether SET raises (+1) or lowers (-1) the weight: wiring, determined at bring-up, never assumed. */
export type WeightSign = 1 | -1;

/** Both floating gates of a cell, V: S is boosted by SET pulses, R by RESET pulses. */
export interface CellNodes {
  readonly setNodeV: number;
  readonly resetNodeV: number;
}

/** W = s (V_R - V_S), V; THEORY.md, equation 6. */
export function weightV({ setNodeV, resetNodeV }: CellNodes, sign: WeightSign): number {
  return sign * (resetNodeV - setNodeV);
}

/** Mean of both nodes, V: sets update size, energy and retention. */
export function commonModeV({ setNodeV, resetNodeV }: CellNodes): number {
  return (setNodeV + resetNodeV) / 2;
}

/** How far the weight moves by itself in `elapsedS`, V: decay, plus drift where the nodes differ. */
export function weightDriftV(
  { setNodeV, resetNodeV }: CellNodes,
  elapsedS: number,
  { set, reset }: { readonly set: Tunneling; readonly reset: Tunneling },
  sign: WeightSign,
): number {
  return sign * (tunnelingDropV(setNodeV, 0, elapsedS, set) - tunnelingDropV(resetNodeV, 0, elapsedS, reset));
}

/** What one pulse adds to the fall of its own node, V, beyond the free decay of the same time. */
export function pulseResponseV(nodeV: number, boostV: number, widthS: number, node: Tunneling): number {
  return tunnelingDropV(nodeV, boostV, widthS, node) - tunnelingDropV(nodeV, 0, widthS, node);
}

/** Small-signal learning rate r(V_C), 1/s: dW/dt = r (b - W), within 1 % for boosts below 100 mV; equation 7. */
export function learningRatePerS(commonModeVolts: number, { k1PerS, k2V }: Tunneling): number {
  return (k1PerS / k2V) * (2 * commonModeVolts + k2V) * Math.exp(-k2V / commonModeVolts);
}
