import type { FitSettings } from './fit-settings.ts';
import { filterPoint, NodeFilter } from './node-filter.ts';
import type { NodeSeries } from './node-series.ts';

/** What a series says before any fit. */
export interface Survey {
  /** Readings with a voltage, those of them beyond the valid range, and those at the end of the converter. */
  readonly readings: number;
  readonly beyond: number;
  readonly clipped: number;
  /** How far the node fell while its time was known, V. */
  readonly fallV: number;
}

export function survey({ durationS, readV }: NodeSeries, { validNodeV: { min, max } }: FitSettings): Survey {
  let readings = 0;
  let beyond = 0;
  let clipped = 0;
  let fallV = 0;
  let lastV = Number.NaN;
  for (let stage = 0; stage < readV.length; stage += 1) {
    if (Number.isNaN(durationS[stage])) lastV = Number.NaN;
    const nodeV = readV[stage] as number;
    if (nodeV === Number.POSITIVE_INFINITY) clipped += 1;
    if (!Number.isFinite(nodeV)) continue;
    readings += 1;
    if (nodeV < min || nodeV > max) beyond += 1;
    if (!Number.isNaN(lastV)) fallV += lastV - nodeV;
    lastV = nodeV;
  }
  return { readings, beyond, clipped, fallV };
}

const NO_NOISE = { readVariance: 0, electronV: 0 };

/** How far a nominal node would have fallen, V, from where this one was first seen. */
export function nominalFallV(
  { durationS, amplitudeV, temperatureK, readV }: NodeSeries,
  { start, validNodeV }: FitSettings,
): number {
  const nominal = new NodeFilter(filterPoint(start, validNodeV.max), NO_NOISE);
  let fallV = 0;
  for (let stage = 0; stage < readV.length; stage += 1) {
    const seconds = durationS[stage] as number;
    const nodeV = readV[stage] as number;
    if (Number.isNaN(seconds)) nominal.forget();
    if (Number.isNaN(nominal.nodeV)) {
      if (Number.isFinite(nodeV)) nominal.observe(nodeV);
      continue;
    }
    const beforeV = nominal.nodeV;
    nominal.propagate(seconds, amplitudeV[stage] as number, temperatureK[stage] as number);
    fallV += beforeV - nominal.nodeV;
  }
  return fallV;
}
