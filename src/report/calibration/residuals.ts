import { electronV, filterPoint, NodeFilter } from '../../../calibration/fit/node-filter.ts';
import type { NodeParameters } from '../../../calibration/fit/node-parameters.ts';
import type { RecordedStage } from './recorded-stages.ts';
import { quantile } from './statistics.ts';

/** How far a reading is from what the readings before it predict, in sigmas: an innovation. */
export interface Residual {
  readonly node: number;
  /** Board time since the beginning of the node's record, s; time that nobody knows is not counted. */
  readonly timeS: number;
  readonly sigmas: number;
}

/** The innovations of a node's record at its fitted parameters: independent and standard normal where the law holds. */
export function residualsOf(
  node: number,
  record: readonly RecordedStage[],
  parameters: NodeParameters,
  { readNoiseV, nodeCapacitanceFF }: { readonly readNoiseV: number; readonly nodeCapacitanceFF: number },
): Residual[] {
  const noise = { readVariance: readNoiseV ** 2, electronV: electronV(nodeCapacitanceFF) };
  // At an endless reference voltage the filter's ln of the rate is ln k1 itself.
  const filter = new NodeFilter(filterPoint(parameters, Number.POSITIVE_INFINITY), noise);
  const residuals: Residual[] = [];
  let timeS = 0;
  for (const { durationS, amplitudeV, temperatureK, readV } of record) {
    if (durationS === null) filter.forget();
    else {
      filter.propagate(durationS, amplitudeV, temperatureK);
      timeS += durationS;
    }
    if (readV === null) continue;
    filter.observe(readV);
    if (filter.innovationVariance === Number.POSITIVE_INFINITY) continue;
    residuals.push({ node, timeS, sigmas: filter.innovationV / Math.sqrt(filter.innovationVariance) });
  }
  return residuals;
}

/** Part of the record with as many residuals as the others: where they lie. */
export interface ResidualBand {
  readonly timeS: number;
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** Quantiles (5, 50, 95 %) of the residuals in bins of equal count, in order of time. */
export function residualBands(residuals: readonly Residual[], most: number): ResidualBand[] {
  const ordered = [...residuals].sort((left, right) => left.timeS - right.timeS);
  const size = Math.max(LEAST_PER_BIN, Math.ceil(ordered.length / most));
  return Array.from({ length: Math.floor(ordered.length / size) }, (_, index) => {
    const part = ordered.slice(index * size, (index + 1) * size);
    const sigmas = part.map((residual) => residual.sigmas);
    return {
      timeS: part.reduce((sum, { timeS }) => sum + timeS, 0) / part.length,
      low: quantile(sigmas, 0.05),
      middle: quantile(sigmas, 0.5),
      high: quantile(sigmas, 0.95),
    };
  });
}

/** Fewer would say little of a quantile of 5 %. */
const LEAST_PER_BIN = 20;
