import { leak } from './leak.ts';
import { expm1Near, log1pNear, NearExp, NearLog } from './near-anchors.ts';
import type { Normal } from './random.ts';
import { memoryOf, varianceOf } from './shot-noise.ts';
import type { Thermal } from './thermal.ts';

/** What one node is made of; tunneling at the reference temperature. */
export interface GateParameters {
  readonly k1PerS: number;
  readonly k2V: number;
  readonly nodeCapacitanceFF: number;
  readonly couplingFF: number;
  readonly startV: number;
  /** Time constant of an additional leak; none where absent. */
  readonly leakS?: number | undefined;
  /** No charge ever crosses its oxide. */
  readonly isStuck?: boolean | undefined;
}

/** All that gates keep from one moment to the next; one number a node. */
export interface GatesState {
  /** w, and what rounding has left out of it. */
  readonly w: Float64Array;
  readonly lowW: Float64Array;
  /** w up to which free decay is in the variance. */
  readonly countedW: Float64Array;
  /** Of shot noise that nobody has seen yet. */
  readonly varianceV2: Float64Array;
  readonly atUs: Float64Array;
  /** The temperature that w is of. */
  readonly tunedK: Float64Array;
}

const CHARGE_OF_ELECTRON_FC = 1.602176634e-4;
const US_PER_S = 1e6;
/** k2/V of a gate that is as good as empty: exp of more would soon be no number. */
export const MOST_BARRIER = 700;

/**
 * Floating gates, by node number. Their own physics code, so that a mistake in the host's cannot hide: in w = exp(h),
 * h = k2/V, tunneling is a straight line, dw/dt = k1. A boost b bends the axis, h -> h / (1 + b h / k2), for a while.
 *
 * Each gate has a clock of its own, in whole microseconds like its board's, and is settled only when touched: free
 * decay is one addition, whatever its length. w is summed with compensation, so that updates far below its last digit add
 * up. Shot noise is kept as a variance until somebody looks; how often a gate is touched does not change it.
 */
export class FloatingGates {
  readonly #parameters: readonly GateParameters[];
  readonly #thermal: Thermal;
  readonly #shot: Normal | undefined;
  readonly #state: GatesState;
  /** At the temperature of `tunedK`. */
  readonly #k1PerUs: Float64Array;
  readonly #k2V: Float64Array;
  /** q/C_T. */
  readonly #quantumV: Float64Array;
  /** 1 where free decay is a straight line: neither stuck nor leaky. */
  readonly #isPlain: Uint8Array;
  readonly #barrier: NearLog;
  readonly #slowness: NearExp;

  /** Noise is off without `shot`. `state` is that of the same gates, which is then theirs to change. */
  constructor(
    parameters: readonly GateParameters[],
    thermal: Thermal,
    shot: Normal | undefined,
    state: GatesState = freshState(parameters, thermal),
  ) {
    this.#parameters = parameters;
    this.#thermal = thermal;
    this.#shot = shot;
    this.#state = state;
    this.#k1PerUs = new Float64Array(parameters.length);
    this.#k2V = new Float64Array(parameters.length);
    this.#quantumV = Float64Array.from(parameters, (of) => CHARGE_OF_ELECTRON_FC / of.nodeCapacitanceFF);
    this.#barrier = new NearLog(parameters.length);
    this.#slowness = new NearExp(parameters.length);
    this.#isPlain = Uint8Array.from(parameters, (of) => Number(of.leakS === undefined && !of.isStuck));
    parameters.forEach((_, node) => {
      this.#setRates(node, state.tunedK[node] as number);
    });
  }

  get count(): number {
    return this.#parameters.length;
  }

  get state(): GatesState {
    return this.#state;
  }

  /** Gate voltage at board time `us`, which must not go back. Looking settles its noise. */
  voltageAt(node: number, us: number): number {
    this.#rest(node, us);
    const barrier = this.#barrier.of(node, this.#state.w[node] as number);
    const nodeV = (this.#k2V[node] as number) / barrier;
    return this.#shot === undefined ? nodeV : nodeV + this.#seenNoiseV(node, barrier, nodeV, this.#shot);
  }

  /** A boost of the gate from `startUs` for `widthUs`. */
  pulse(node: number, startUs: number, widthUs: number, boostV: number): void {
    if (widthUs <= 0) return;
    const { atUs } = this.#state;
    if (this.#isPlain[node] === 1 && !this.#thermal.isDrifting) {
      const restUs = startUs - (atUs[node] as number);
      this.#boosted(node, restUs > 0 ? restUs : 0, widthUs, boostV);
    } else {
      this.#rest(node, startUs);
      this.#unplain(node, startUs, widthUs, boostV);
    }
    atUs[node] = startUs + widthUs;
  }

  /** Brings all gates to `us` and to the temperature of then; before that is set anew, and after. */
  settle(us: number): void {
    for (let node = 0; node < this.count; node += 1) {
      this.#rest(node, us);
      this.#tune(node, this.#thermal.temperatureK(us));
    }
  }

  #rest(node: number, us: number): void {
    const fromUs = this.#state.atUs[node] as number;
    if (us <= fromUs) return;
    if (this.#isPlain[node] === 1 && !this.#thermal.isDrifting)
      this.#add(node, (this.#k1PerUs[node] as number) * (us - fromUs));
    else this.#unplain(node, fromUs, us - fromUs, 0);
    this.#state.atUs[node] = us;
  }

  /** A rest, then the pulse map: up to the boosted barrier, along the straight line there, and back. */
  #boosted(node: number, restUs: number, widthUs: number, boostV: number): void {
    const { w, lowW, countedW } = this.#state;
    const k1PerUs = this.#k1PerUs[node] as number;
    const beta = boostV / (this.#k2V[node] as number);
    const old = w[node] as number;
    const restChange = k1PerUs * restUs;
    const rested = old + restChange;
    const barrier = this.#barrier.of(node, rested);
    const bend = 1 / (1 + beta * barrier);
    const from = barrier * bend;
    const growth = k1PerUs * widthUs * this.#slowness.of(node, -from);
    const boostedRise = log1pNear(growth);
    // h = h_b / (1 - beta h_b), and the difference of two such without subtracting them; 1 - beta h_b is `bend`.
    const bendAfter = bend - beta * boostedRise;
    const rise = boostedRise / (bend * bendAfter);
    const room = MOST_BARRIER - barrier;
    if (this.#shot !== undefined) this.#countPulse(node, rested, from, boostedRise, growth);
    const change = restChange + rested * expm1Near(bendAfter > 0 && rise < room ? rise : room);
    // As in #add, whose call would cost as much again.
    const term = change + (lowW[node] as number);
    const sum = old + term;
    const taken = sum - old;
    w[node] = sum;
    lowW[node] = old - (sum - taken) + (term - taken);
    countedW[node] = sum;
  }

  /** The exceptions: stuck and leaky gates, and any gate while the temperature drifts. */
  #unplain(node: number, fromUs: number, forUs: number, boostV: number): void {
    const { isStuck, leakS } = this.#parameters[node] as GateParameters;
    if (isStuck) return;
    const thermal = this.#thermal;
    const k2V = this.#k2V[node] as number;
    const barrier = k2V / (k2V / this.#barrier.of(node, this.#state.w[node] as number) + boostV);
    const growth = (this.#k1PerUs[node] as number) * forUs * Math.exp(-barrier);
    const parts = thermal.parts(fromUs, forUs, k2V, barrier, growth);
    const partUs = forUs / parts;
    for (let part = 0; part < parts; part += 1) {
      this.#tune(node, thermal.temperatureK(fromUs + (part + 0.5) * partUs));
      if (leakS !== undefined) this.#leak(node, partUs, boostV, leakS);
      else if (boostV === 0) this.#add(node, (this.#k1PerUs[node] as number) * partUs);
      else this.#boosted(node, 0, partUs, boostV);
    }
  }

  #leak(node: number, forUs: number, boostV: number, leakS: number): void {
    const { w, lowW, countedW, varianceV2 } = this.#state;
    const k2V = this.#k2V[node] as number;
    const after = leak(
      { nodeV: k2V / this.#barrier.of(node, w[node] as number), varianceV2: varianceV2[node] as number },
      {
        k1PerUs: this.#k1PerUs[node] as number,
        k2V,
        boostV,
        leakUs: leakS * US_PER_S,
        quantumV: this.#quantumV[node] as number,
      },
      forUs,
    );
    w[node] = Math.exp(Math.min(MOST_BARRIER, k2V / after.nodeV));
    lowW[node] = 0;
    countedW[node] = w[node] as number;
    if (this.#shot !== undefined) varianceV2[node] = after.varianceV2;
  }

  /** Draws the noise that nobody has seen yet, and gives the gate the voltage that it was all the time. */
  #seenNoiseV(node: number, barrier: number, nodeV: number, shot: Normal): number {
    const { w, countedW, varianceV2 } = this.#state;
    this.#countFree(node, w[node] as number);
    const variance = varianceV2[node] as number;
    if (variance <= 0) return 0;
    const noiseV = shot() * Math.sqrt(variance);
    this.#add(node, (w[node] as number) * expm1Near((-barrier * noiseV) / (nodeV + noiseV)));
    countedW[node] = w[node] as number;
    varianceV2[node] = 0;
    return noiseV;
  }

  /** Adds to the variance what free decay has brought since it was last counted. */
  #countFree(node: number, w: number): void {
    const { lowW, countedW } = this.#state;
    const counted = countedW[node] as number;
    const growth = (w - counted + (lowW[node] as number)) / counted;
    if (growth <= 0) return;
    const rise = log1pNear(growth);
    this.#diffuse(node, this.#barrier.of(node, w) - rise, rise, growth);
    countedW[node] = w;
  }

  #countPulse(node: number, w: number, from: number, rise: number, growth: number): void {
    this.#countFree(node, w);
    this.#diffuse(node, from, rise, growth);
  }

  #diffuse(node: number, from: number, rise: number, growth: number): void {
    const { varianceV2 } = this.#state;
    const memory = memoryOf(from, rise, growth);
    varianceV2[node] =
      memory * memory * (varianceV2[node] as number) +
      (this.#quantumV[node] as number) * varianceOf(this.#k2V[node] as number, from, rise, growth);
  }

  /** w += change, with what rounding leaves out kept for the next time (two-sum of Knuth). */
  #add(node: number, change: number): void {
    const { w, lowW } = this.#state;
    const old = w[node] as number;
    const term = change + (lowW[node] as number);
    const sum = old + term;
    const taken = sum - old;
    w[node] = sum;
    lowW[node] = old - (sum - taken) + (term - taken);
  }

  /** Expresses the same voltage at another temperature: h is k2/V, and k2 has changed. */
  #tune(node: number, temperatureK: number): void {
    const { w, countedW, tunedK } = this.#state;
    if (tunedK[node] === temperatureK) return;
    if (this.#shot !== undefined) this.#countFree(node, w[node] as number);
    const oldK2V = this.#k2V[node] as number;
    const barrier = this.#barrier.of(node, w[node] as number);
    this.#setRates(node, temperatureK);
    const change = ((this.#k2V[node] as number) - oldK2V) / oldK2V;
    this.#add(node, (w[node] as number) * Math.expm1(Math.min(barrier * change, MOST_BARRIER - barrier)));
    countedW[node] = w[node] as number;
    tunedK[node] = temperatureK;
  }

  #setRates(node: number, temperatureK: number): void {
    const { k1PerS, k2V } = this.#parameters[node] as GateParameters;
    this.#k1PerUs[node] = (k1PerS * this.#thermal.k1Rel(temperatureK)) / US_PER_S;
    this.#k2V[node] = k2V * this.#thermal.k2Rel(temperatureK);
  }
}

function freshState(parameters: readonly GateParameters[], thermal: Thermal): GatesState {
  const temperatureK = thermal.temperatureK(0);
  const k2Rel = thermal.k2Rel(temperatureK);
  const w = Float64Array.from(parameters, ({ k2V, startV }) => Math.exp((k2V * k2Rel) / startV));
  const zeros = () => new Float64Array(parameters.length);
  return {
    w,
    lowW: zeros(),
    countedW: w.slice(),
    varianceV2: zeros(),
    atUs: zeros(),
    tunedK: zeros().fill(temperatureK),
  };
}
