import { cholesky, entryAt, solveWith, type Triangle } from '../linear/symmetric.ts';
import { covarianceOf } from './covariance.ts';
import { diagnose } from './diagnostics.ts';
import type { FitSettings } from './fit-settings.ts';
import { electronV, type FilterPoint, filterPoint, NodeFilter, SIZE } from './node-filter.ts';
import type { NodeFit } from './node-fit.ts';
import type { NodeSeries } from './node-series.ts';
import { findOutliers, SUSPICIOUS_SIGMAS } from './outliers.ts';
import { addPriors, type Prior, priorsOf } from './priors.ts';
import { replay, type Treatment } from './replay.ts';

const MAX_ITERATIONS = 40;
const LEAST_DAMPING = 1e-3;
const DAMPING_FACTOR = 8;
const MOST_DAMPING = 1e9;
/** A step of less than a hundredth of a sigma is the last one. */
const SMALL_STEP = 1e-4;
const MAX_OUTLIER_ROUNDS = 4;

interface Solution {
  readonly point: FilterPoint;
  /** Cholesky factor of the information at the point, priors included. */
  readonly factor: Triangle;
  readonly iterations: number;
  /** False where it could not be improved although it should be possible. */
  readonly isConverged: boolean;
}

export interface FitOptions {
  /** Noise of one reading, V at the node. */
  readonly readNoiseV: number;
  /** An ohmic leak that the model is to have beside tunneling, 1/s: none where absent. */
  readonly leakPerS?: number;
  /** Whether single readings that nothing before or after supports are set aside; they are where absent. */
  readonly setsAside?: boolean;
}

export interface FitOutcome extends NodeFit {
  /** False where no step improved it although its slopes say that one should. */
  readonly isConverged: boolean;
}

/**
 * Maximum-likelihood parameters of one node: weighted nonlinear least squares on the innovations of `NodeFilter` by the
 * Levenberg-Marquardt method with the analytic Jacobian; THEORY.md, equations 18 to 21. Undefined
 * where there is no minimum.
 */
export function fitNode(
  series: NodeSeries,
  settings: FitSettings,
  { readNoiseV, leakPerS = 0, setsAside = true }: FitOptions,
): FitOutcome | undefined {
  const noise = { readVariance: readNoiseV ** 2, electronV: electronV(settings.nodeCapacitanceFF) };
  const start = filterPoint(settings.start, referenceVOf(series, settings));
  const priors = priorsOf(start, settings);
  const filter = new NodeFilter(start, noise, leakPerS);
  const treatment: Treatment = new Uint8Array(series.readV.length);

  for (let from = start, round = 1; ; round += 1) {
    const solution = minimize(series, from, priors, filter, treatment, leakPerS);
    if (solution === undefined) return undefined;
    const { point, factor, iterations, isConverged } = solution;
    filter.begin(point, leakPerS);
    const { largestSigmas, ...diagnostics } = diagnose(series, filter, treatment, readNoiseV);
    const isSuspicious = setsAside && largestSigmas > SUSPICIOUS_SIGMAS && round <= MAX_OUTLIER_ROUNDS;
    if (isSuspicious) filter.begin(point, leakPerS);
    if (!isSuspicious || !findOutliers(series, filter, treatment)) {
      return {
        isConverged,
        parameters: {
          tunneling: { k1PerS: Math.exp(point.lnRate + point.k2V / point.referenceV), k2V: point.k2V },
          couplingRel: point.couplingRel,
          offsetV: point.offsetV,
          temperatureScale: point.temperatureScale,
        },
        covariance: covarianceOf(factor, point.referenceV),
        diagnostics: { ...diagnostics, iterations },
      };
    }
    from = point;
  }
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
  let damping = 0;
  for (let iteration = 1; iteration <= MAX_ITERATIONS; iteration += 1) {
    const factor = cholesky(filter.information, SIZE);
    if (factor === undefined || !Number.isFinite(objective)) return undefined;
    const gradient = Float64Array.from(filter.gradient);
    const whole = solveWith(factor, gradient);
    const gain = gradient.reduce((sum, slope, index) => sum + slope * (whole[index] ?? 0), 0);
    if (gain < SMALL_STEP)
      return { point: moved(point, whole), factor, iterations: iteration, isConverged: true };
    const information = Float64Array.from(filter.information);
    for (;;) {
      const step = damping === 0 ? whole : dampedStep(information, gradient, damping);
      const next = moved(point, step);
      const nextObjective = evaluate(series, next, priors, filter, treatment, leakPerS);
      if (nextObjective < objective) {
        point = next;
        objective = nextObjective;
        damping = damping <= LEAST_DAMPING ? 0 : damping / DAMPING_FACTOR;
        break;
      }
      damping = Math.max(LEAST_DAMPING, damping * DAMPING_FACTOR);
      // No step helps: near the best point only rounding is left.
      if (damping > MOST_DAMPING) return { point, factor, iterations: iteration, isConverged: gain < 1 };
    }
  }
  return undefined;
}

/** A step that is the shorter, and the more along the gradient, the larger the damping (Marquardt 1963). */
function dampedStep(information: Triangle, gradient: Float64Array, damping: number): Float64Array {
  const damped = Float64Array.from(information);
  for (let index = 0; index < SIZE; index += 1) {
    const diagonal = entryAt(index, index);
    damped[diagonal] = (damped[diagonal] ?? 0) * (1 + damping);
  }
  const factor = cholesky(damped, SIZE);
  return factor === undefined ? new Float64Array(SIZE) : solveWith(factor, gradient);
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

const moved = (point: FilterPoint, step: Float64Array): FilterPoint => ({
  lnRate: point.lnRate + (step[0] ?? 0),
  k2V: point.k2V + (step[1] ?? 0),
  couplingRel: point.couplingRel + (step[2] ?? 0),
  offsetV: point.offsetV + (step[3] ?? 0),
  temperatureScale: point.temperatureScale + (step[4] ?? 0),
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
