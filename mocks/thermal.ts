/** How the tunneling parameters follow temperature: k = k(reference) (1 + kPerK (T - reference)). */
export interface ThermalLaw {
  readonly referenceK: number;
  readonly k1PerK: number;
  readonly k2PerK: number;
}

/** A chip drifts no further than this. */
export const LEAST_K = 150;
export const MOST_K = 500;

const US_PER_H = 3.6e9;
/** The most that cutting an interval into parts of constant temperature may cost, V. */
const ERROR_V = 1e-10;
/** The error's estimate is a series' first term. */
const MARGIN = 4;

/** A temperature that is constant, or drifts from when it was set. */
export interface ThermalState {
  readonly fromUs: number;
  readonly fromK: number;
  readonly driftKPerHour: number;
}

/** The temperature of a chip over board time. */
export class Thermal {
  readonly #law: ThermalLaw;
  #state: ThermalState;
  #isDrifting: boolean;

  constructor(law: ThermalLaw, state: ThermalState) {
    this.#law = law;
    this.#state = state;
    this.#isDrifting = state.driftKPerHour !== 0;
  }

  get state(): ThermalState {
    return this.#state;
  }

  set state(state: ThermalState) {
    this.#state = state;
    this.#isDrifting = state.driftKPerHour !== 0;
  }

  get isDrifting(): boolean {
    return this.#isDrifting;
  }

  temperatureK(us: number): number {
    const { fromUs, fromK, driftKPerHour } = this.#state;
    if (!this.#isDrifting) return fromK;
    return Math.max(LEAST_K, Math.min(MOST_K, fromK + ((us - fromUs) * driftKPerHour) / US_PER_H));
  }

  /** k1 at a temperature over k1 at the reference. */
  k1Rel(temperatureK: number): number {
    return 1 + this.#law.k1PerK * (temperatureK - this.#law.referenceK);
  }

  /** k2 at a temperature over k2 at the reference. */
  k2Rel(temperatureK: number): number {
    return 1 + this.#law.k2PerK * (temperatureK - this.#law.referenceK);
  }

  /**
   * Into how many parts, each at the temperature of its middle, an interval is cut. The middle is right but for the
   * rate's curvature over dT, (a dT)^2 / 24, and for k2/V changing with V too: h k2PerK dT (dV/V) / 12.
   */
  parts(fromUs: number, forUs: number, k2V: number, barrier: number, growth: number): number {
    const spanK = Math.abs(this.temperatureK(fromUs + forUs) - this.temperatureK(fromUs));
    if (spanK === 0) return 1;
    const { k1PerK, k2PerK } = this.#law;
    const fall = Math.log1p(growth) / (barrier + Math.log1p(growth));
    const tilt = barrier * Math.abs(k2PerK) * spanK;
    const curvature = (Math.abs(k1PerK) * spanK + tilt) ** 2 / 24;
    const errorV = (k2V / barrier) * fall * (curvature + (tilt * fall) / 12);
    return Math.max(1, Math.ceil(Math.sqrt((MARGIN * errorV) / ERROR_V)));
  }
}
