import { decayRateVPerS, type Tunneling, tunnelingDropV, widthForDropS } from '../physics/tunneling.ts';

/** What a pulse is worth, as free decay of its node. */
export interface PulseWorth {
  /** Time by which the pulse puts its node ahead on its curve of free decay, s, beyond the pulse's own width. */
  readonly worthS: number;
  /** d worthS / d ln(boostV), s: how an error of the boost shows. */
  readonly perBoostRelS: number;
}

/**
 * A node falls along one curve, pulsed or not: a boost only runs along it faster. So what pulses did is a
 * time, it adds up over pulses, and it does not depend on what comes later; THEORY.md, equation 13.
 */
export function pulseWorth(nodeV: number, boostV: number, widthS: number, node: Tunneling): PulseWorth {
  const dropV = tunnelingDropV(nodeV, boostV, widthS, node);
  const slowing = decayRateVPerS(nodeV + boostV - dropV, node) / decayRateVPerS(nodeV + boostV, node);
  return {
    worthS: widthForDropS(nodeV, 0, dropV, node) - widthS,
    perBoostRelS: (boostV * (1 - slowing)) / decayRateVPerS(nodeV - dropV, node),
  };
}
