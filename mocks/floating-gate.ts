import type { Normal } from './random.ts';

/** What one node is made of. */
export interface GateParameters {
  readonly k1PerS: number;
  readonly k2V: number;
  readonly nodeCapacitanceFF: number;
  readonly couplingFF: number;
}

const CHARGE_OF_ELECTRON_FC = 1.602176634e-4;

/**
 * One floating gate. Its own physics code, so that a mistake in the host's cannot hide: in
 * w = exp(k2/V) tunneling is a straight line, dw/dt = k1, and a boost shifts V for a while.
 *
 * The gate has a clock of its own and is settled only when touched, which is exact because free
 * decay has a closed form.
 */
export class FloatingGate {
  readonly parameters: GateParameters;
  #nodeV: number;
  #atS = 0;
  readonly #shot: Normal | undefined;

  constructor(parameters: GateParameters, startV: number, shot: Normal | undefined) {
    this.parameters = parameters;
    this.#nodeV = startV;
    this.#shot = shot;
  }

  /** Gate voltage at board time `timeS`, which must not go back. */
  voltageAt(timeS: number): number {
    this.#advance(timeS - this.#atS, 0);
    return this.#nodeV;
  }

  /** A pulse on the coupling capacitor from `startS` for `widthS`. */
  pulse(startS: number, widthS: number, amplitudeV: number): void {
    this.#advance(startS - this.#atS, 0);
    this.#advance(widthS, (amplitudeV * this.parameters.couplingFF) / this.parameters.nodeCapacitanceFF);
  }

  #advance(seconds: number, boostV: number): void {
    if (seconds <= 0) return;
    const { k1PerS, k2V, nodeCapacitanceFF } = this.parameters;
    const w = Math.exp(k2V / (this.#nodeV + boostV)) + k1PerS * seconds;
    const settledV = k2V / Math.log(w) - boostV;
    const dropV = this.#nodeV - settledV;
    const shotV =
      this.#shot === undefined
        ? 0
        : this.#shot() * Math.sqrt((dropV * CHARGE_OF_ELECTRON_FC) / nodeCapacitanceFF);
    this.#nodeV = settledV + shotV;
    this.#atS += seconds;
  }
}
