import type { FitSettings } from '../../../calibration/fit/fit-settings.ts';
import type { NodeParameters } from '../../../calibration/fit/node-parameters.ts';
import type { NodeSeries } from '../../../calibration/fit/node-series.ts';
import { normalStream } from '../../../mocks/random.ts';

export const nominal: NodeParameters = {
  tunneling: { k1PerS: 1.2e13, k2V: 300 },
  couplingRel: 0.2,
  offsetV: 0,
  temperatureScale: 1,
};

export const READ_NOISE_V = 8e-6;

export const settings: FitSettings = {
  start: nominal,
  readNoiseV: READ_NOISE_V,
  nodeCapacitanceFF: 1000,
  offsetSigmaV: 0.5e-3,
  validNodeV: { min: 5.5, max: 9.2 },
};

export interface Stage {
  readonly durationS: number;
  readonly amplitudeV?: number;
  readonly temperatureK?: number;
  readonly isRead?: boolean;
}

/** Rests of many lengths, pulses of many shapes, and readings in plenty. */
export const manyStages: readonly Stage[] = Array.from({ length: 160 }, (_, index): Stage => {
  if (index % 4 === 2) return { durationS: [0.01, 0.05, 0.2][index % 3] ?? 0, amplitudeV: 1 + (index % 5) };
  return { durationS: [0.03, 1, 3, 0.1, 10, 0.03, 30][index % 7] ?? 0 };
});

interface Noise {
  readonly seed: number;
  readonly readV?: number;
  readonly shot?: boolean;
  /** An ohmic leak, 1/s. */
  readonly leakPerS?: number;
}

const ELECTRON_V = 1.602176634e-7;
const STEP_S = 0.25;

/**
 * What a node would read, by its own arithmetic: w = exp(k2/V) grows by k1 dt. Small steps, so that noise and leak
 * act as they go.
 */
export function synthetic(
  { tunneling, couplingRel, offsetV, temperatureScale }: NodeParameters,
  stages: readonly Stage[],
  { seed, readV: readNoiseV = READ_NOISE_V, shot = true, leakPerS = 0 }: Noise,
): NodeSeries {
  const draw = normalStream(seed, 'reading');
  let nodeV = 8.5;
  const read = () => nodeV + offsetV + readNoiseV * draw();
  const readV = stages.map(({ durationS, amplitudeV = 0, temperatureK = 300, isRead = true }) => {
    const k1 = tunneling.k1PerS * (1 + 0.003 * temperatureScale * (temperatureK - 300));
    const k2 = tunneling.k2V * (1 - 1.16e-4 * temperatureScale * (temperatureK - 300));
    const boostV = couplingRel * amplitudeV;
    const steps = Number.isNaN(durationS) ? 0 : Math.ceil(durationS / STEP_S);
    for (let step = 0; step < steps; step += 1) {
      const w = Math.exp(k2 / (nodeV + boostV)) + (k1 * durationS) / steps;
      const dropV = nodeV + boostV - k2 / Math.log(w);
      nodeV -= dropV + (shot ? Math.sqrt(Math.max(0, dropV) * ELECTRON_V) * draw() : 0);
      nodeV *= Math.exp((-leakPerS * durationS) / steps);
    }
    return isRead ? read() : Number.NaN;
  });
  return {
    node: 0,
    durationS: Float64Array.from(stages, ({ durationS }) => durationS),
    amplitudeV: Float64Array.from(stages, ({ amplitudeV = 0 }) => amplitudeV),
    temperatureK: Float64Array.from(stages, ({ temperatureK = 300 }) => temperatureK),
    readV: Float64Array.from(readV),
  };
}
