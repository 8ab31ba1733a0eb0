import { type Tunneling, tunnelingDropV } from '../../../calibration/physics/tunneling.ts';
import { fallOverV, type Interval, onlyPulse } from './intervals.ts';
import { median } from './statistics.ts';

/** What a node fell during one pulse. */
export interface PulseFall {
  readonly node: number;
  readonly kind: 'SET' | 'RESET';
  readonly amplitudeV: number;
  readonly widthS: number;
  readonly startV: number;
  readonly dropV: number;
}

/** The model that pulses are compared with. */
export interface TypicalNode {
  readonly tunneling: Tunneling;
  readonly couplingRel: number;
}

/** The state and width that falls are scaled to, so that they can share a figure. */
export interface CommonPulse {
  readonly nodeV: number;
  readonly widthS: number;
}

/** Falls below this many sigmas of their two readings (as the model expects them) are left out: noise has no logarithm. */
const LEAST_SIGMAS = 10;

/** Falls over single pulses, the free decay before and after each taken out by the model. */
export function pulseFallsOf(intervals: readonly Interval[], readNoiseV: number): PulseFall[] {
  const leastV = LEAST_SIGMAS * Math.SQRT2 * readNoiseV;
  return intervals.flatMap((interval) => {
    const found = onlyPulse(interval);
    if (found === null) return [];
    const { pulse, startV, endV } = found;
    const dropV = startV - endV;
    if (!(fallOverV(startV, [pulse]) >= leastV && dropV > 0)) return [];
    const { node } = interval;
    const { amplitudeV, durationS: widthS } = pulse;
    return [{ node, kind: node % 2 === 0 ? 'SET' : 'RESET', amplitudeV, widthS, startV, dropV }] as const;
  });
}

export const commonPulse = (falls: readonly PulseFall[]): CommonPulse => ({
  nodeV: median(falls.map(({ startV }) => startV)),
  widthS: median(falls.map(({ widthS }) => widthS)),
});

/** Fall of the typical node in the common state, V. */
export const typicalFallV = (
  amplitudeV: number,
  { nodeV, widthS }: CommonPulse,
  { tunneling, couplingRel }: TypicalNode,
): number => tunnelingDropV(nodeV, couplingRel * amplitudeV, widthS, tunneling);

/** What was measured, times what the typical node falls in the common state over what it falls in this one. */
export const scaledFallV = (fall: PulseFall, common: CommonPulse, typical: TypicalNode): number =>
  (fall.dropV * typicalFallV(fall.amplitudeV, common, typical)) /
  typicalFallV(fall.amplitudeV, { nodeV: fall.startV, widthS: fall.widthS }, typical);
