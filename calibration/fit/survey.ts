import type { FitSettings } from './fit-settings.ts';
import { filterPoint, NodeFilter } from './node-filter.ts';
import type { NodeSeries } from './node-series.ts';

/** What a series says before any fit. */
export interface Survey {
  /** Readings with a voltage, those of them beyond the valid range, and those at the end of the converter. */
  readonly readings: number;
  readonly beyond: number;
  readonly clipped: number;
  /** How far the node fell while its time was known, V, and how far a nominal one would have. */
  readonly fallV: number;
  readonly nominalFallV: number;
}

const NO_NOISE = { readVariance: 0, electronV: 0 };

export function survey(
  { durationS, amplitudeV, temperatureK, readV }: NodeSeries,
  settings: FitSettings,
): Survey {
  const { min, max } = settings.validNodeV;
  const nominal = new NodeFilter(filterPoint(settings.start, max), NO_NOISE);
  let readings = 0;
  let beyond = 0;
  let clipped = 0;
  let fallV = 0;
  let nominalFallV = 0;
  let lastV = Number.NaN;
  durationS.forEach((seconds, stage) => {
    if (Number.isNaN(seconds)) {
      nominal.forget();
      lastV = Number.NaN;
    } else if (!Number.isNaN(lastV)) {
      const beforeV = nominal.nodeV;
      nominal.propagate(seconds, amplitudeV[stage] ?? 0, temperatureK[stage] ?? Number.NaN);
      nominalFallV += beforeV - nominal.nodeV;
    }
    const nodeV = readV[stage] ?? Number.NaN;
    if (nodeV === Number.POSITIVE_INFINITY) clipped += 1;
    if (!Number.isFinite(nodeV)) return;
    readings += 1;
    if (nodeV < min || nodeV > max) beyond += 1;
    if (Number.isNaN(lastV)) nominal.observe(nodeV);
    else fallV += lastV - nodeV;
    lastV = nodeV;
  });
  return { readings, beyond, clipped, fallV, nominalFallV };
}
