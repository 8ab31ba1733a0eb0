import { ELEMENTARY_CHARGE_C } from '../../../calibration/constants.ts';
import { fallOver, type Interval } from './intervals.ts';
import { quantile } from './statistics.ts';

/** How far a reading is from what the reading before it predicts, in sigmas. */
export interface Residual {
  readonly node: number;
  /** Board time since the beginning, s. */
  readonly timeS: number;
  readonly sigmas: number;
}

const CHARGE_OF_ELECTRON_FC = ELEMENTARY_CHARGE_C * 1e15;

/** Sigma: noise of both readings, the earlier one's as far as it lasts, and shot noise of the tunneled charge. */
export function residualsOf(
  intervals: readonly Interval[],
  { readNoiseV, nodeCapacitanceFF }: { readonly readNoiseV: number; readonly nodeCapacitanceFF: number },
): Residual[] {
  return intervals.map(({ node, fromV, toV, endS, stages }) => {
    const { dropV, slope } = fallOver(fromV, stages);
    const shotV2 = (dropV * CHARGE_OF_ELECTRON_FC) / nodeCapacitanceFF;
    const sigmaV = Math.sqrt(readNoiseV ** 2 * (1 + slope ** 2) + shotV2);
    return { node, timeS: endS, sigmas: (toV - (fromV - dropV)) / sigmaV };
  });
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
