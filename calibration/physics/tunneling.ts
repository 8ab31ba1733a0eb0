import { lambertW } from './lambert-w.ts';

/** Parameters of one Fowler-Nordheim tunneling node; THEORY.md, equation 3. */
export interface Tunneling {
  readonly k1PerS: number;
  readonly k2V: number;
}

/**
 * How far a floating gate at `nodeV` falls in `elapsedS` while boosted by `boostV`; THEORY.md, equation 5.
 *
 * Closed form, no integrator. It yields the difference itself: one pulse moves microvolts, and
 * subtracting two node voltages would leave few true digits.
 */
export function tunnelingDropV(
  nodeV: number,
  boostV: number,
  elapsedS: number,
  { k1PerS, k2V }: Tunneling,
): number {
  const oxideV = nodeV + boostV;
  const barrier = k2V / oxideV;
  const growth = Math.log1p(k1PerS * elapsedS * Math.exp(-barrier));
  return (oxideV * growth) / (barrier + growth);
}

/** Floating-gate voltage after `elapsedS` of undisturbed tunneling from `nodeV`. */
export function relaxV(nodeV: number, elapsedS: number, node: Tunneling): number {
  return nodeV - tunnelingDropV(nodeV, 0, elapsedS, node);
}

/** How long a boost of `boostV` takes to lower a gate at `nodeV` by `dropV`; inverse of `tunnelingDropV`. */
export function widthForDropS(
  nodeV: number,
  boostV: number,
  dropV: number,
  { k1PerS, k2V }: Tunneling,
): number {
  const oxideV = nodeV + boostV;
  const barrier = k2V / oxideV;
  return (Math.exp(barrier) * Math.expm1((barrier * dropV) / (oxideV - dropV))) / k1PerS;
}

/**
 * The boost under which a gate at `nodeV` falls by `dropV` in `elapsedS`; inverse of `tunnelingDropV`, negative where it falls
 * farther by itself. THEORY.md, equation 24, to 2e-6 of the fall for falls below 1 mV.
 */
export function boostForDropV(
  nodeV: number,
  dropV: number,
  elapsedS: number,
  { k1PerS, k2V }: Tunneling,
): number {
  const middleV = k2V / (2 * lambertW(Math.sqrt((k1PerS * k2V * elapsedS) / dropV) / 2));
  return middleV + dropV / 2 - nodeV;
}

/** -dV/dt of an unboosted gate, V/s; THEORY.md, equation 3. */
export function decayRateVPerS(nodeV: number, { k1PerS, k2V }: Tunneling): number {
  return (k1PerS / k2V) * nodeV ** 2 * Math.exp(-k2V / nodeV);
}

/** Plasticity time t0 = exp(k2/V)/k1, s: the time constant of the node's present state. */
export function plasticityS(nodeV: number, { k1PerS, k2V }: Tunneling): number {
  return Math.exp(k2V / nodeV) / k1PerS;
}
