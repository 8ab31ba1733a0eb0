import { covarianceOf } from './covariance.ts';
import { diagnose } from './diagnostics.ts';
import type { FitSettings } from './fit-settings.ts';
import { electronV, type FilterPoint, filterPoint, NodeFilter, SIZE } from './node-filter.ts';
import type { NodeFit } from './node-fit.ts';
import type { NodeSeries } from './node-series.ts';
import { findOutliers } from './outliers.ts';
import { addPriors, type Prior, priorsOf } from './priors.ts';
import { replay, type Treatment } from './replay.ts';
import { cholesky, solveWith, type Triangle } from './symmetric.ts';

const MAX_ITERATIONS = 40;
const MAX_HALVINGS = 12;
/** A step of less than a hundredth of a sigma is the last one. */
const SMALL_STEP = 1e-4;
const MAX_OUTLIER_ROUNDS = 4;

interface Solution {
  readonly point: FilterPoint;
  /** Cholesky factor of the information at the point, priors included. */
  readonly factor: Triangle;
  readonly iterations: number;
}

export interface FitOptions {
  /** Noise of one reading, V at the node. */
  readonly readNoiseV: number;
  /** An ohmic leak that the model is to have beside tunneling, 1/s: none where absent. */
  readonly leakPerS?: number;
  /** Whether single readings that nothing before or after supports are set aside; they are where absent. */
  readonly setsAside?: boolean;
}

/**
 * Maximum-likelihood parameters of one node: weighted nonlinear least squares on the innovations of `NodeFilter` by Gauss-Newton
 * steps with the analytic Jacobian, halved where they overshoot; THEORY.md, equations 18 to 21. Undefined
 * where there is no minimum.
 */
export function fitNode(
  series: NodeSeries,
  settings: FitSettings,
  { readNoiseV, leakPerS = 0, setsAside = true }: FitOptions,
): NodeFit | undefined {
  const noise = { readVariance: readNoiseV ** 2, electronV: electronV(settings.nodeCapacitanceFF) };
  const start = filterPoint(settings.start, referenceVOf(series, settings));
  const priors = priorsOf(start, settings);
  const filter = new NodeFilter(start, noise, leakPerS);
  const treatment: Treatment = new Uint8Array(series.readV.length);

  let solution = minimize(series, start, priors, filter, treatment, leakPerS);
  for (let round = 0; solution !== undefined && setsAside && round < MAX_OUTLIER_ROUNDS; round += 1) {
    filter.begin(solution.point, leakPerS);
    if (!findOutliers(series, filter, treatment)) break;
    solution = minimize(series, solution.point, priors, filter, treatment, leakPerS);
  }
  if (solution === undefined) return undefined;

  const { point, factor, iterations } = solution;
  filter.begin(point, leakPerS);
  return {
    parameters: {
      tunneling: { k1PerS: Math.exp(point.lnRate + point.k2V / point.referenceV), k2V: point.k2V },
      couplingRel: point.couplingRel,
      offsetV: point.offsetV,
      temperatureScale: point.temperatureScale,
    },
    covariance: covarianceOf(factor, point.referenceV),
    diagnostics: { ...diagnose(series, filter, treatment, readNoiseV), iterations },
  };
}

function minimize(
  series: NodeSeries,
  start: FilterPoint,
  priors: readonly Prior[],
  filter: NodeFilter,
  treatment: Treatment,
  leakPerS: number,
): Solution | undefined {
  let point = start;
  let objective = evaluate(series, point, priors, filter, treatment, leakPerS);
  for (let iteration = 1; iteration <= MAX_ITERATIONS; iteration += 1) {
    const factor = cholesky(filter.information, SIZE);
    if (factor === undefined || !Number.isFinite(objective)) return undefined;
    const step = solveWith(factor, filter.gradient);
    const gain = filter.gradient.reduce((sum, slope, index) => sum + slope * (step[index] ?? 0), 0);
    if (gain < SMALL_STEP) return { point: moved(point, step, 1), factor, iterations: iteration };
    let share = 1;
    let next = moved(point, step, share);
    let nextObjective = evaluate(series, next, priors, filter, treatment, leakPerS);
    for (let halving = 0; !(nextObjective < objective) && halving < MAX_HALVINGS; halving += 1) {
      share /= 2;
      next = moved(point, step, share);
      nextObjective = evaluate(series, next, priors, filter, treatment, leakPerS);
    }
    // No shorter step helps either: rounding is all that is left.
    if (!(nextObjective < objective)) return gain < 1 ? { point, factor, iterations: iteration } : undefined;
    point = next;
    objective = nextObjective;
  }
  return undefined;
}

/** Fills the filter's sums at a point, priors included; returns what is minimized, NaN where the model has no voltage. */
function evaluate(
  series: NodeSeries,
  point: FilterPoint,
  priors: readonly Prior[],
  filter: NodeFilter,
  treatment: Treatment,
  leakPerS: number,
): number {
  if (!(point.k2V > 0)) return Number.NaN;
  filter.begin(point, leakPerS);
  replay(series, filter, treatment);
  return filter.chi2 + addPriors(filter, priors, point);
}

const moved = (point: FilterPoint, step: Float64Array, share: number): FilterPoint => ({
  lnRate: point.lnRate + share * (step[0] ?? 0),
  k2V: point.k2V + share * (step[1] ?? 0),
  couplingRel: point.couplingRel + share * (step[2] ?? 0),
  offsetV: point.offsetV + share * (step[3] ?? 0),
  temperatureScale: point.temperatureScale + share * (step[4] ?? 0),
  referenceV: point.referenceV,
});

/** Mean of the voltages read. */
function referenceVOf({ readV }: NodeSeries, { validNodeV }: FitSettings): number {
  let sum = 0;
  let count = 0;
  for (const nodeV of readV) {
    if (!Number.isFinite(nodeV)) continue;
    sum += nodeV;
    count += 1;
  }
  return count > 0 ? sum / count : (validNodeV.min + validNodeV.max) / 2;
}
