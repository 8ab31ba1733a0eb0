import type { NodeFilter } from './node-filter.ts';
import type { NodeSeries } from './node-series.ts';
import { ANEW, SET_ASIDE, type Treatment, USED } from './replay.ts';

/** Innovations beyond so many sigmas are looked at. */
export const SUSPICIOUS_SIGMAS = 6;

/**
 * Looks for readings that the model at hand cannot explain and marks them in `treatment`: a single one is set aside; where the
 * reading after it agrees with it rather than with what was before, the filter starts anew. True where anything was marked.
 */
export function findOutliers(series: NodeSeries, filter: NodeFilter, treatment: Treatment): boolean {
  const { durationS, amplitudeV, temperatureK, readV } = series;
  let found = false;
  for (let stage = 0; stage < durationS.length; stage += 1) {
    advance(filter, series, stage);
    const nodeV = readV[stage] as number;
    if (!Number.isFinite(nodeV) || treatment[stage] === SET_ASIDE) continue;
    if (treatment[stage] === ANEW) filter.forget();
    if (treatment[stage] === USED && isSuspicious(filter, nodeV)) {
      found = true;
      if (supports(series, filter.clone(), stage + 1)) {
        treatment[stage] = SET_ASIDE;
        continue;
      }
      treatment[stage] = ANEW;
      filter.forget();
    }
    filter.observe(nodeV);
  }
  return found;

  /** Whether the next reading agrees with a filter that has not taken the one before it. */
  function supports({ readV: following }: NodeSeries, ahead: NodeFilter, from: number): boolean {
    for (let stage = from; stage < durationS.length; stage += 1) {
      const seconds = durationS[stage] as number;
      if (Number.isNaN(seconds)) return true;
      ahead.propagate(seconds, amplitudeV[stage] as number, temperatureK[stage] as number);
      const nodeV = following[stage] as number;
      if (Number.isFinite(nodeV) && treatment[stage] !== SET_ASIDE) return !isSuspicious(ahead, nodeV);
    }
    return true;
  }
}

function advance(
  filter: NodeFilter,
  { durationS, amplitudeV, temperatureK }: NodeSeries,
  stage: number,
): void {
  const seconds = durationS[stage] as number;
  if (Number.isNaN(seconds)) filter.forget();
  else filter.propagate(seconds, amplitudeV[stage] as number, temperatureK[stage] as number);
}

const isSuspicious = (filter: NodeFilter, readV: number): boolean =>
  (readV - filter.expectedV) ** 2 > SUSPICIOUS_SIGMAS ** 2 * filter.expectedVariance;
