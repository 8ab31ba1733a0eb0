import { decayRateVPerS, plasticityS, relaxV, widthForDropS } from '../physics/tunneling.ts';
import type { ObservedNode } from './observed-node.ts';
import { pulseWorth } from './pulse-worth.ts';

/** What a node should have fallen by, and how that depends on what is not known. */
export interface ExpectedFall {
  readonly dropV: number;
  /** Rate of fall at the end, V/s. */
  readonly rateVPerS: number;
  /** d(voltage after) / d(voltage before). */
  readonly memory: number;
}

/** A node on its curve of free decay, and the pulses that have put it ahead; THEORY.md, equations 13 and 14. */
export class DecayingNode {
  readonly observed: ObservedNode;
  readonly fallenV: number;
  /** Time constant t0 of the state before, s. */
  readonly plasticityS: number;
  /** Time between both readings beyond the elapsed time, s. */
  readonly extraS: number;
  readonly #barrier: number;
  readonly #rateVPerS: number;
  #worthS = 0;
  #perBoostRelS = 0;

  constructor(observed: ObservedNode) {
    const { beforeV, afterV, beforeAtS, afterAtS, tunneling } = observed;
    this.observed = observed;
    this.fallenV = beforeV - afterV;
    this.plasticityS = plasticityS(beforeV, tunneling);
    this.extraS = afterAtS - beforeAtS;
    this.#barrier = tunneling.k2V / beforeV;
    this.#rateVPerS = decayRateVPerS(beforeV, tunneling);
  }

  /** By how much its pulses have put it ahead, s, and d of that / d ln(boost). */
  get worthS(): number {
    return this.#worthS;
  }

  get perBoostRelS(): number {
    return this.#perBoostRelS;
  }

  /** The elapsed time that explains its fall without any pulse, s. */
  get elapsedIfFreeS(): number {
    const { beforeV, tunneling } = this.observed;
    return widthForDropS(beforeV, 0, this.fallenV, tunneling) - this.extraS;
  }

  /** Adds a pulse that started `atS` after the first slot did. */
  pulse(atS: number, boostV: number, widthS: number): void {
    const { beforeV, beforeAtS, tunneling } = this.observed;
    const nodeV = relaxV(beforeV, Math.max(0, atS - beforeAtS) + this.#worthS, tunneling);
    const { worthS, perBoostRelS } = pulseWorth(nodeV, boostV, widthS, tunneling);
    this.#worthS += worthS;
    this.#perBoostRelS += perBoostRelS;
  }

  /** Fall within `decayS` of free decay. One logarithm: this is asked for each node and each hypothesis. */
  fallAfter(decayS: number): ExpectedFall {
    const { beforeV, tunneling } = this.observed;
    // A wrong hypothesis can ask for a time below 0: the curve goes on as its tangent, so that fits converge.
    if (decayS < 0) return { dropV: this.#rateVPerS * decayS, rateVPerS: this.#rateVPerS, memory: 1 };
    const growth = Math.log1p(decayS / this.plasticityS);
    const endV = tunneling.k2V / (this.#barrier + growth);
    const rateVPerS = endV ** 2 / (tunneling.k2V * (this.plasticityS + decayS));
    return {
      dropV: (beforeV * growth) / (this.#barrier + growth),
      rateVPerS,
      memory: rateVPerS / this.#rateVPerS,
    };
  }
}
