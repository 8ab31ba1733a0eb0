import type { NodeFilter } from './node-filter.ts';
import { SIZE } from './node-filter.ts';
import type { FitDiagnostics } from './node-fit.ts';
import type { NodeSeries } from './node-series.ts';
import { replay, type Treatment, USED } from './replay.ts';

/** Innovations whose variance is shot noise to less than this share tell the noise of readings. */
const READING_SHARE = 0.2;

/**
 * What the innovations of a fit say about it, and the largest of them in sigmas. The filter stands at its beginning, with
 * the fit's parameters.
 */
export function diagnose(
  series: NodeSeries,
  filter: NodeFilter,
  treatment: Treatment,
  readNoiseV: number,
): Omit<FitDiagnostics, 'iterations'> & { readonly largestSigmas: number } {
  let points = 0;
  let above = 0;
  let below = 0;
  let runs = 0;
  let lastSign = 0;
  let readings = 0;
  let squares = 0;
  let largest = 0;
  replay(series, filter, treatment, () => {
    points += 1;
    const { innovationV, innovationVariance, shotShare } = filter;
    if (innovationVariance === Number.POSITIVE_INFINITY) return;
    const sign = innovationV < 0 ? -1 : 1;
    if (sign > 0) above += 1;
    else below += 1;
    if (sign !== lastSign) runs += 1;
    lastSign = sign;
    const square = innovationV ** 2 / innovationVariance;
    largest = Math.max(largest, square);
    if (shotShare < READING_SHARE) {
      readings += 1;
      squares += square;
    }
  });
  const readNoise = readings > 0 ? readNoiseV * Math.sqrt(squares / readings) : readNoiseV;
  return {
    points,
    outliers: treatment.reduce((sum, what) => sum + (what === USED ? 0 : 1), 0),
    chi2: filter.chi2,
    dof: Math.max(0, filter.count - FITTED),
    runsZ: runsZ(above, below, runs),
    readNoiseV: readNoise,
    readNoiseSigmaV: readings > 0 ? readNoise / Math.sqrt(2 * readings) : readNoiseV,
    largestSigmas: Math.sqrt(largest),
  };
}

/** Parameters that are not held by their priors: rate, k2, coupling ratio. */
const FITTED = SIZE - 2;

/** Wald-Wolfowitz: how far the number of runs is from what independent signs would give, in its standard deviations. */
function runsZ(above: number, below: number, runs: number): number {
  const all = above + below;
  const mean = (2 * above * below) / all + 1;
  const variance = ((mean - 1) * (mean - 2)) / (all - 1);
  return variance > 0 ? (runs - mean) / Math.sqrt(variance) : 0;
}

/**
 * How unlikely so large a chi square is, as a standard normal deviate (Wilson and Hilferty 1931): above 6 for one sound fit in a
 * thousand million.
 */
export function chi2Z(chi2: number, dof: number): number {
  if (!(dof > 0)) return 0;
  const spread = 2 / (9 * dof);
  return (Math.cbrt(chi2 / dof) - (1 - spread)) / Math.sqrt(spread);
}
