import { ELEMENTARY_CHARGE_C } from '../constants.ts';
import { temperatureLaw } from '../physics/temperature.ts';
import type { NodeParameters } from './node-parameters.ts';

/** Number of fitted quantities, and of the entries of a symmetric matrix over them. */
export const SIZE = 5;
const ENTRIES = (SIZE * (SIZE + 1)) / 2;
const FC_PER_C = 1e15;
/** Parts of a stage in which a node leaks by so much at most, and how many there may be. */
const LEAK_PART = 1e-3;
const MOST_PARTS = 64;
/** Series stand in for exp and log1p of arguments below, exact to the last digit, in a third of the time. */
const SMALL = 1e-3;

const logOf1Plus = (x: number): number =>
  Math.abs(x) < SMALL ? x * (1 - x * (1 / 2 - x * (1 / 3 - x * (1 / 4 - x / 5)))) : Math.log1p(x);

/**
 * Parameters as the fit moves them: ln of k1 exp(-k2/V_ref) stands for k1. At a voltage V_ref amid the data it hardly
 * correlates with k2, while ln k1 and k2 do by 0.999 and more.
 */
export interface FilterPoint {
  readonly lnRate: number;
  readonly k2V: number;
  readonly couplingRel: number;
  readonly offsetV: number;
  readonly temperatureScale: number;
  readonly referenceV: number;
}

export const filterPoint = (
  { tunneling, couplingRel, offsetV, temperatureScale }: NodeParameters,
  referenceV: number,
): FilterPoint => ({
  lnRate: Math.log(tunneling.k1PerS) - tunneling.k2V / referenceV,
  k2V: tunneling.k2V,
  couplingRel,
  offsetV,
  temperatureScale,
  referenceV,
});

/** Noise of a reading, variance in V^2, and the charge of an electron on the node, V. */
export interface FilterNoise {
  readonly readVariance: number;
  readonly electronV: number;
}

/** Voltage by which one electron moves a node of that capacitance. */
export const electronV = (nodeCapacitanceFF: number): number =>
  (ELEMENTARY_CHARGE_C * FC_PER_C) / nodeCapacitanceFF;

/**
 * Extended Kalman filter of one node's voltage with the sensitivities of its innovations to the parameters; THEORY.md,
 * equations 18 to 20. Readings tell where the node is, tunneling moves it, shot noise blurs it: innovations are independent
 * where differences of readings are not, so weighted least squares on them is maximum likelihood.
 *
 * Voltages are true ones, offset removed. Sums run until `begin`.
 */
export class NodeFilter {
  /** Information (lower triangle, row by row) that the readings gave on the parameters, and its right-hand side. */
  readonly information = new Float64Array(ENTRIES);
  readonly gradient = new Float64Array(SIZE);
  /** Sum of squared innovations in units of their sigmas. */
  chi2 = 0;
  /** Innovations that were summed: readings less one for each time the filter was anchored. */
  count = 0;
  /** The last innovation, V, and its variance, V^2; of what an anchor reads, 0 and Infinity. */
  innovationV = 0;
  innovationVariance = Number.POSITIVE_INFINITY;
  /** Share of the last innovation's variance that shot noise since the reading before gave. */
  shotShare = 0;

  nodeV = Number.NaN;
  variance = 0;
  /** d nodeV / d parameter, in the order of `parameterNames` with the ln of the rate at the reference voltage for ln k1. */
  readonly slopes = new Float64Array(SIZE);
  #shotVariance = 0;
  #point: FilterPoint;
  #lnK1: number;
  #freeArgument = Number.NEGATIVE_INFINITY;
  #freeValue = 0;
  #readVariance: number;
  #electronV: number;
  #leakPerS: number;

  /** `leakPerS`: an ohmic leak beside tunneling, for telling leaky nodes; it has no sensitivity. */
  constructor(point: FilterPoint, noise: FilterNoise, leakPerS = 0) {
    this.#point = point;
    this.#lnK1 = point.lnRate + point.k2V / point.referenceV;
    this.#readVariance = noise.readVariance;
    this.#electronV = noise.electronV;
    this.#leakPerS = leakPerS;
  }

  /** Starts anew with other parameters. */
  begin(point: FilterPoint, leakPerS = 0): void {
    this.#point = point;
    this.#lnK1 = point.lnRate + point.k2V / point.referenceV;
    this.#leakPerS = leakPerS;
    this.information.fill(0);
    this.gradient.fill(0);
    this.chi2 = 0;
    this.count = 0;
    this.nodeV = Number.NaN;
  }

  /** A copy that can go on by itself. */
  clone(): NodeFilter {
    const copy = new NodeFilter(
      this.#point,
      { readVariance: this.#readVariance, electronV: this.#electronV },
      this.#leakPerS,
    );
    copy.information.set(this.information);
    copy.gradient.set(this.gradient);
    copy.slopes.set(this.slopes);
    copy.chi2 = this.chi2;
    copy.count = this.count;
    copy.nodeV = this.nodeV;
    copy.variance = this.variance;
    copy.#shotVariance = this.#shotVariance;
    return copy;
  }

  /** Nothing is known of the node's voltage any more. */
  forget(): void {
    this.nodeV = Number.NaN;
  }

  /** Lets time pass at a constant pulse amplitude; 0 for none. */
  propagate(durationS: number, amplitudeV: number, temperatureK: number): void {
    if (!(durationS > 0) || Number.isNaN(this.nodeV)) return;
    if (this.#leakPerS === 0) this.#tunnel(durationS, amplitudeV, temperatureK);
    else this.#tunnelAndLeak(durationS, amplitudeV, temperatureK);
  }

  /** Both by turns, in parts so short that their order hardly matters. */
  #tunnelAndLeak(durationS: number, amplitudeV: number, temperatureK: number): void {
    const parts = Math.min(MOST_PARTS, Math.ceil((durationS * this.#leakPerS) / LEAK_PART));
    for (let part = 0; part < parts; part += 1) {
      this.#tunnel(durationS / parts, amplitudeV, temperatureK);
      this.nodeV *= Math.exp((-this.#leakPerS * durationS) / parts);
    }
  }

  #tunnel(durationS: number, amplitudeV: number, temperatureK: number): void {
    const { couplingRel, temperatureScale, referenceV } = this.#point;
    const slopes = this.slopes;
    const shiftK = temperatureK - temperatureLaw.referenceK;
    let { k2V } = this.#point;
    let lnK1 = this.#lnK1;
    let k2PerK2 = 1;
    let k2PerScale = 0;
    let lnK1PerScale = 0;
    if (shiftK !== 0) {
      const { k1RelPerK, k2RelPerK } = temperatureLaw;
      k2PerK2 = 1 + k2RelPerK * temperatureScale * shiftK;
      k2PerScale = k2V * k2RelPerK * shiftK;
      k2V *= k2PerK2;
      const change = k1RelPerK * temperatureScale * shiftK;
      lnK1 += logOf1Plus(change);
      lnK1PerScale = (k1RelPerK * shiftK) / (1 + change);
    }
    const perK2V = 1 / k2V;
    const boostV = couplingRel * amplitudeV;
    const perOxideV = 1 / (this.nodeV + boostV);
    const barrier = k2V * perOxideV;
    const exponential =
      durationS * (amplitudeV === 0 ? this.#freeExponential(lnK1 - barrier) : Math.exp(lnK1 - barrier));
    const growth = logOf1Plus(exponential);
    const after = k2V / (barrier + growth);
    const kept = 1 / (1 + exponential);
    const ratio = after * perOxideV;
    const memory = ratio * ratio * kept;
    const perLnK1 = (kept - 1) * after * after * perK2V;
    const perK2 = (1 - ratio * kept) * after * perK2V;
    const dropV = (this.nodeV + boostV) * growth * after * perK2V;
    // Noise early in the stage is forgotten with what the state was; exact where V^2 is constant.
    const blur = growth < SMALL ? 1 - growth * (1 - (2 / 3) * growth) : (1 - kept * kept) / (2 * growth);
    const shot = this.#electronV * dropV * blur;

    const square = memory * memory;
    this.variance = square * this.variance + shot;
    this.#shotVariance = square * this.#shotVariance + shot;
    slopes[0] = memory * (slopes[0] as number) + perLnK1;
    slopes[1] = memory * (slopes[1] as number) + k2PerK2 * perK2 + perLnK1 / referenceV;
    slopes[2] = memory * (slopes[2] as number) + amplitudeV * (memory - 1);
    slopes[3] = memory * (slopes[3] as number);
    slopes[4] = memory * (slopes[4] as number) + perLnK1 * lnK1PerScale + perK2 * k2PerScale;
    this.nodeV = after - boostV;
  }

  /** exp(x) for a node without a pulse, which is near the last one. */
  #freeExponential(x: number): number {
    const change = x - this.#freeArgument;
    this.#freeArgument = x;
    this.#freeValue =
      Math.abs(change) < SMALL
        ? this.#freeValue * (1 + change * (1 + (change / 2) * (1 + (change / 3) * (1 + change / 4))))
        : Math.exp(x);
    return this.#freeValue;
  }

  /** What a reading would be expected to say, V, and the variance of what it does say. */
  get expectedV(): number {
    return this.nodeV + this.#point.offsetV;
  }

  get expectedVariance(): number {
    return this.variance + this.#readVariance;
  }

  /** Takes a reading, V as read. The first one anchors the filter. */
  observe(readV: number): void {
    const slopes = this.slopes;
    const { offsetV } = this.#point;
    if (Number.isNaN(this.nodeV)) {
      this.nodeV = readV - offsetV;
      this.variance = this.#readVariance;
      this.#shotVariance = 0;
      slopes.fill(0);
      slopes[3] = -1;
      this.innovationV = 0;
      this.innovationVariance = Number.POSITIVE_INFINITY;
      return;
    }
    const innovationV = readV - offsetV - this.nodeV;
    const variance = this.variance + this.#readVariance;
    const weight = 1 / variance;
    const bySlope = weight * innovationV;
    const s0 = slopes[0] as number;
    const s1 = slopes[1] as number;
    const s2 = slopes[2] as number;
    const s3 = (slopes[3] as number) + 1;
    const s4 = slopes[4] as number;
    // Spelled out: as loops, these sums take twice the time of all else together.
    const { information: sums, gradient } = this;
    gradient[0] = (gradient[0] as number) + bySlope * s0;
    gradient[1] = (gradient[1] as number) + bySlope * s1;
    gradient[2] = (gradient[2] as number) + bySlope * s2;
    gradient[3] = (gradient[3] as number) + bySlope * s3;
    gradient[4] = (gradient[4] as number) + bySlope * s4;
    const w1 = weight * s1;
    const w2 = weight * s2;
    const w3 = weight * s3;
    const w4 = weight * s4;
    sums[0] = (sums[0] as number) + weight * s0 * s0;
    sums[1] = (sums[1] as number) + w1 * s0;
    sums[2] = (sums[2] as number) + w1 * s1;
    sums[3] = (sums[3] as number) + w2 * s0;
    sums[4] = (sums[4] as number) + w2 * s1;
    sums[5] = (sums[5] as number) + w2 * s2;
    sums[6] = (sums[6] as number) + w3 * s0;
    sums[7] = (sums[7] as number) + w3 * s1;
    sums[8] = (sums[8] as number) + w3 * s2;
    sums[9] = (sums[9] as number) + w3 * s3;
    sums[10] = (sums[10] as number) + w4 * s0;
    sums[11] = (sums[11] as number) + w4 * s1;
    sums[12] = (sums[12] as number) + w4 * s2;
    sums[13] = (sums[13] as number) + w4 * s3;
    sums[14] = (sums[14] as number) + w4 * s4;
    this.chi2 += bySlope * innovationV;
    this.count += 1;
    this.innovationV = innovationV;
    this.innovationVariance = variance;
    this.shotShare = this.#shotVariance * weight;

    const gain = this.variance * weight;
    const rest = 1 - gain;
    this.nodeV += gain * innovationV;
    this.variance *= rest;
    this.#shotVariance = 0;
    slopes[0] = rest * s0;
    slopes[1] = rest * s1;
    slopes[2] = rest * s2;
    slopes[3] = rest * s3 - 1;
    slopes[4] = rest * s4;
  }
}
