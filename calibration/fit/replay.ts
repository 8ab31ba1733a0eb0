import type { NodeFilter } from './node-filter.ts';
import type { NodeSeries } from './node-series.ts';

/** What to do with the reading at the end of each stage. */
export type Treatment = Uint8Array;
export const USED = 0;
/** Set aside: nothing before or after supports it. */
export const SET_ASIDE = 1;
/** Nothing before explains it, but what follows does: the filter starts anew there. */
export const ANEW = 2;

/** Leads the filter through a series. */
export function replay(
  { durationS, amplitudeV, temperatureK, readV }: NodeSeries,
  filter: NodeFilter,
  treatment: Treatment,
  onReading?: (stage: number) => void,
): void {
  for (let stage = 0; stage < durationS.length; stage += 1) {
    const seconds = durationS[stage] as number;
    if (Number.isNaN(seconds)) filter.forget();
    else filter.propagate(seconds, amplitudeV[stage] as number, temperatureK[stage] as number);
    const nodeV = readV[stage] as number;
    if (!Number.isFinite(nodeV) || treatment[stage] === SET_ASIDE) continue;
    if (treatment[stage] === ANEW) filter.forget();
    filter.observe(nodeV);
    onReading?.(stage);
  }
}
