import { ELEMENTARY_CHARGE_C } from '../../calibration/constants.ts';
import type { NodeResult } from '../../calibration/fit/node-fit.ts';
import type { NodeSeries } from '../../calibration/fit/node-series.ts';
import { temperatureLaw, tunnelingAt } from '../../calibration/physics/temperature.ts';
import { tunnelingDropV } from '../../calibration/physics/tunneling.ts';

/** How the rate of all nodes together moved away from what their fits say, in the course of a measurement. */
export interface CommonDrift {
  /** Relative change of the rate in an hour, and its sigma. */
  readonly ratePerHour: number;
  readonly ratePerHourSigma: number;
  /** From the first to the last reading. */
  readonly rateChange: number;
  /** The steady change of temperature that would do this, K/h. */
  readonly kelvinPerHour: number;
}

export interface CommonDriftSettings {
  readonly readNoiseV: number;
  readonly nodeCapacitanceFF: number;
}

const FC_PER_C = 1e15;
const S_PER_HOUR = 3600;
/** An array that moves by less sigmas does not move. */
const SIGNIFICANT = 8;
/** Below that it matters for no pulse. */
const LEAST_CHANGE = 1e-3;

/**
 * The straight line, over time, through the relative excess of each fall between two readings over what the node's own fit
 * expects, all nodes together. Each fit has taken the mean out: what is left is what they share. Undefined where there is none to speak of.
 */
export function commonDrift(
  series: readonly NodeSeries[],
  nodes: readonly NodeResult[],
  { readNoiseV, nodeCapacitanceFF }: CommonDriftSettings,
): CommonDrift | undefined {
  const electronV = (ELEMENTARY_CHARGE_C * FC_PER_C) / nodeCapacitanceFF;
  const sums = { w: 0, t: 0, tt: 0, e: 0, te: 0 };
  let lastS = 0;
  let voltsSum = 0;
  let falls = 0;
  series.forEach((each, index) => {
    const fit = nodes[index]?.fit;
    if (fit === null || fit === undefined) return;
    for (const { atS, nodeV, expectedV, foundV } of fallsOf(each, fit.parameters)) {
      if (!(expectedV > 0)) continue;
      const weight = expectedV ** 2 / (2 * readNoiseV ** 2 + electronV * expectedV);
      const excess = foundV / expectedV - 1;
      sums.w += weight;
      sums.t += weight * atS;
      sums.tt += weight * atS * atS;
      sums.e += weight * excess;
      sums.te += weight * atS * excess;
      lastS = Math.max(lastS, atS);
      voltsSum += nodeV;
      falls += 1;
    }
  });
  const spread = sums.tt - (sums.t * sums.t) / sums.w;
  if (!(falls > 2 && spread > 0)) return undefined;
  const slope = (sums.te - (sums.t * sums.e) / sums.w) / spread;
  const sigma = 1 / Math.sqrt(spread);
  const rateChange = slope * lastS;
  if (Math.abs(slope) < SIGNIFICANT * sigma || Math.abs(rateChange) < LEAST_CHANGE) return undefined;
  const ratePerHour = slope * S_PER_HOUR;
  return {
    ratePerHour,
    ratePerHourSigma: sigma * S_PER_HOUR,
    rateChange,
    kelvinPerHour: ratePerHour / rateRelPerK(nodes, voltsSum / falls),
  };
}

/** d ln(rate) / dT of the median node at a voltage, 1/K. */
export function rateRelPerK(nodes: readonly NodeResult[], nodeV: number): number {
  const k2s = nodes
    .flatMap(({ fit }) => (fit === null ? [] : [fit.parameters.tunneling.k2V]))
    .sort((x, y) => x - y);
  const k2V = k2s[Math.floor(k2s.length / 2)] ?? 0;
  const { k1RelPerK, k2RelPerK } = temperatureLaw;
  return k1RelPerK - k2RelPerK * (1 + k2V / nodeV);
}

interface Fall {
  /** Since the node's first reading. */
  readonly atS: number;
  readonly nodeV: number;
  readonly expectedV: number;
  readonly foundV: number;
}

/** Falls from each reading of a node to the next. */
function* fallsOf(
  { durationS, amplitudeV, temperatureK, readV }: NodeSeries,
  { tunneling, couplingRel, offsetV, temperatureScale }: NonNullable<NodeResult['fit']>['parameters'],
): Generator<Fall> {
  let atS = 0;
  let fromV = Number.NaN;
  let nodeV = Number.NaN;
  for (let stage = 0; stage < durationS.length; stage += 1) {
    const seconds = durationS[stage] ?? Number.NaN;
    if (Number.isNaN(seconds)) fromV = Number.NaN;
    else {
      const node = tunnelingAt(tunneling, temperatureK[stage] ?? temperatureLaw.referenceK, temperatureScale);
      nodeV -= tunnelingDropV(nodeV - offsetV, couplingRel * (amplitudeV[stage] ?? 0), seconds, node);
      atS += seconds;
    }
    const readNowV = readV[stage] ?? Number.NaN;
    if (!Number.isFinite(readNowV)) continue;
    if (!Number.isNaN(fromV)) yield { atS, nodeV: fromV, expectedV: fromV - nodeV, foundV: fromV - readNowV };
    fromV = readNowV;
    nodeV = readNowV;
  }
}
