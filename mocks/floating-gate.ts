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
 * The gate has a clock of its own, in whole microseconds like its board's, and is settled only when
 * touched, which is exact because free decay has a closed form.
 */
export class FloatingGate {
  readonly parameters: GateParameters;
  #nodeV: number;
  #atUs = 0;
  readonly #shot: Normal | undefined;

  constructor(parameters: GateParameters, startV: number, shot: Normal | undefined) {
    this.parameters = parameters;
    this.#nodeV = startV;
    this.#shot = shot;
  }

  /** Gate voltage at board time `timeUs`, which must not go back. */
  voltageAt(timeUs: number): number {
    this.#advance(timeUs - this.#atUs, 0);
    return this.#nodeV;
  }

  /** A pulse on the coupling capacitor from `startUs` for `widthUs`. */
  pulse(startUs: number, widthUs: number, amplitudeV: number): void {
    this.#advance(startUs - this.#atUs, 0);
    this.#advance(widthUs, (amplitudeV * this.parameters.couplingFF) / this.parameters.nodeCapacitanceFF);
  }

  #advance(elapsedUs: number, boostV: number): void {
    if (elapsedUs <= 0) return;
    const { k1PerS, k2V, nodeCapacitanceFF } = this.parameters;
    const w = Math.exp(k2V / (this.#nodeV + boostV)) + k1PerS * (elapsedUs / US_PER_S);
    const settledV = k2V / Math.log(w) - boostV;
    // Rounding can make a tiny drop negative, and no charge crosses backward.
    const dropV = Math.max(0, this.#nodeV - settledV);
    this.#nodeV -= dropV + this.#shotNoise() * Math.sqrt((dropV * CHARGE_OF_ELECTRON_FC) / nodeCapacitanceFF);
    this.#atUs += elapsedUs;
  }

  #shotNoise(): number {
    return this.#shot === undefined ? 0 : this.#shot();
  }
}

const US_PER_S = 1e6;
