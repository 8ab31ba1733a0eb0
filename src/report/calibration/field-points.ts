import type { Tunneling } from '../../../calibration/physics/tunneling.ts';
import { fallOverV, type Interval, onlyPulse } from './intervals.ts';

/** One point of a Fowler-Nordheim plot: current density over the square of the oxide's voltage, over its inverse. */
export interface FieldPoint {
  readonly node: number;
  readonly method: 'free decay' | 'pulse';
  /** 1/V of the oxide, 1/V. */
  readonly perV: number;
  /** ln(J/V^2), J in A/m^2 and V in volts. */
  readonly lnDensity: number;
}

/** What turns a rate of the node's voltage into a current density. */
export interface OxideArea {
  readonly nodeCapacitanceFF: number;
  readonly areaUm2: number;
}

/** fF V/s = 1e-15 A, um^2 = 1e-12 m^2. */
const A_PER_M2 = 1e-3;

/** A fall is worth a point where it is expected to be that many sigmas of its two readings. */
const LEAST_SIGMAS = 30;

/**
 * Where on the plot a fall from `startV` to `endV` (oxide voltages) in `elapsedS` belongs; THEORY.md, equation 23.
 *
 * A fall that is not small has no one voltage. But free decay is a straight line in w = exp(k2/V), so that
 * d / (T V0 V1) = (k1/k2) / L(w0, w1) with the logarithmic mean L = (w1 - w0) / ln(w1/w0). So with the product of both
 * voltages as V^2 and ln(L)/k2 as 1/V, points of any fall lie on the line exactly. k2 enters only beyond the mean of both
 * inverse voltages, as k2 (1/V1 - 1/V0)^2 / 24: an error of it hardly moves a point.
 */
export function fieldPoint(
  startV: number,
  endV: number,
  elapsedS: number,
  k2V: number,
  { nodeCapacitanceFF, areaUm2 }: OxideArea,
): Pick<FieldPoint, 'perV' | 'lnDensity'> {
  const logRatio = k2V * (1 / endV - 1 / startV);
  const overStart = Math.abs(logRatio) < 1e-12 ? 0 : Math.log(Math.expm1(logRatio) / logRatio);
  const densityAPerM2 = (A_PER_M2 * nodeCapacitanceFF * (startV - endV)) / (areaUm2 * elapsedS);
  return { perV: 1 / startV + overStart / k2V, lnDensity: Math.log(densityAPerM2 / (startV * endV)) };
}

/** ln(J/V^2) that tunneling parameters say at 1/V: a straight line of slope -k2. */
export const lineLnDensity = (
  perV: number,
  { k1PerS, k2V }: Tunneling,
  { nodeCapacitanceFF, areaUm2 }: OxideArea,
): number => Math.log((A_PER_M2 * nodeCapacitanceFF * k1PerS) / (areaUm2 * k2V)) - k2V * perV;

/**
 * The points of one node, from falls between readings (free decay over as many readings as it takes, or one pulse, with
 * the decay before and after it taken out by the model). Which falls are worth a point is decided by the model, not by what was
 * read, which would favor noise that makes falls larger.
 */
export function fieldPointsOf(
  intervals: readonly Interval[],
  readNoiseV: number,
  oxide: OxideArea,
): FieldPoint[] {
  const leastV = LEAST_SIGMAS * Math.SQRT2 * readNoiseV;
  const points: FieldPoint[] = [];
  let decay: Interval | null = null;
  for (const interval of intervals) {
    const { node } = interval;
    if (interval.stages.some(({ boostV }) => boostV !== 0)) {
      decay = null;
      const found = onlyPulse(interval);
      if (found === null) continue;
      const { pulse, startV, endV } = found;
      const { boostV, durationS, tunneling } = pulse;
      if (!(fallOverV(startV, [pulse]) >= leastV && endV < startV)) continue;
      const place = fieldPoint(startV + boostV, endV + boostV, durationS, tunneling.k2V, oxide);
      points.push({ node, method: 'pulse', ...place });
      continue;
    }
    decay = decay === null ? interval : joined(decay, interval);
    const { fromV, toV, stages } = decay;
    if (!(fallOverV(fromV, stages) >= leastV && toV < fromV)) continue;
    const elapsedS = stages.reduce((sum, { durationS }) => sum + durationS, 0);
    const k2V = stages[0]?.tunneling.k2V ?? Number.NaN;
    points.push({ node, method: 'free decay', ...fieldPoint(fromV, toV, elapsedS, k2V, oxide) });
    decay = null;
  }
  return points;
}

/** Two intervals as one where the second begins with the reading that ends the first; else the second. */
const joined = (first: Interval, second: Interval): Interval =>
  first.toV === second.fromV
    ? { ...second, fromV: first.fromV, stages: [...first.stages, ...second.stages] }
    : second;
