import { memoryOf, varianceOf } from './shot-noise.ts';

export interface LeakyGate {
  readonly nodeV: number;
  readonly varianceV2: number;
}

/** What acts on a leaky gate during an interval. */
export interface LeakyParameters {
  readonly k1PerUs: number;
  readonly k2V: number;
  readonly boostV: number;
  readonly leakUs: number;
  readonly quantumV: number;
}

/** How far the leak alone may move the barrier k2/V in one step. */
const STEP = 0.004;
/** Share of the leak below which tunneling no longer matters. */
const NEGLIGIBLE = 1e-15;
/** Where a gate is as good as empty. */
const LEAST_V = 0.5;

/**
 * A gate that leaks, dV/dt = -V/tau, besides tunneling. Both have a closed form and their sum has none, so the interval is split:
 * half a step of leak, tunneling, half a step of leak (Strang). Steps of 0.004 in k2/V are right to 1e-8 V a volt of fall.
 */
export function leak(
  gate: LeakyGate,
  { k1PerUs, k2V, boostV, leakUs, quantumV }: LeakyParameters,
  forUs: number,
): LeakyGate {
  let { nodeV, varianceV2 } = gate;
  let leftUs = forUs;
  while (leftUs > 0 && nodeV > LEAST_V) {
    const barrier = k2V / (nodeV + boostV);
    const isTunneling = k1PerUs * leakUs * Math.exp(-barrier) > NEGLIGIBLE * barrier;
    const stepUs = isTunneling ? Math.min(leftUs, (STEP * leakUs * nodeV) / k2V) : leftUs;
    const half = Math.exp(-stepUs / leakUs / 2);
    const from = k2V / (nodeV * half + boostV);
    const growth = k1PerUs * stepUs * Math.exp(-from);
    const rise = Math.log1p(growth);
    const memory = memoryOf(from, rise, growth) * half * half;
    const tunneledV2 = quantumV * varianceOf(k2V, from, rise, growth);
    const leakedV2 = quantumV * nodeV * (1 - half * half);
    varianceV2 = memory * memory * varianceV2 + tunneledV2 + leakedV2;
    nodeV = (k2V / (from + rise) - boostV) * half;
    leftUs -= stepUs;
  }
  return { nodeV: Math.max(LEAST_V, nodeV), varianceV2 };
}
