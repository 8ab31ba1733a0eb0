import { chi2Z } from './diagnostics.ts';
import { type FitOptions, fitNode } from './fit-node.ts';
import type { FitSettings } from './fit-settings.ts';
import type { NodeFit, NodeResult } from './node-fit.ts';
import type { NodeSeries } from './node-series.ts';
import { nominalFallV, survey } from './survey.ts';
import type { Verdict } from './verdict.ts';

/** One sound node in a thousand million is beyond. */
const LARGE_Z = 6;
/** As many readings as five parameters need, and some to test them by. */
const LEAST_POINTS = 12;
/** Of what a nominal node would have fallen, and would be boosted. */
const STUCK_REL = 0.02;
const LEAST_COUPLING_REL = 0.5;
const MOST_OUTLIERS_REL = 0.02;
const MOST_OUTLIERS = 3;
/** A node that a leak explains so much better than the law alone is leaky. */
const LEAKY_CHI2_REL = 0.3;
const LEAKS_PER_S = [1e-7, 3e-7, 1e-6, 3e-6, 1e-5, 3e-5, 1e-4, 3e-4];
const FINER = [1.7, 1.3, 1.15, 1.07];

/** Fits a node and says whether it may be used, and if not, why. */
export function judgeNode(series: NodeSeries, settings: FitSettings, readNoiseV: number): NodeResult {
  const unfit = (verdict: Verdict, reason: string, fit: NodeFit | null = null): NodeResult => ({
    node: series.node,
    verdict,
    reason,
    fit,
  });
  const { min, max } = settings.validNodeV;
  const { clipped, readings, beyond, fallV } = survey(series, settings);
  const all = readings + clipped;
  if (all > 0 && clipped + beyond > all / 2) {
    return unfit(
      'dead',
      `of ${all} readings ${clipped} were at the end of the converter and ${beyond} beyond ${min} to ${max} V`,
    );
  }
  if (clipped > 0) return unfit('clipped', `${clipped} of ${all} readings were at the end of the converter`);
  if (readings < LEAST_POINTS)
    return unfit('too-few-points', `it was read ${readings} times, expected at least ${LEAST_POINTS}`);
  // No node falls further than through the whole valid range: one that fell by that share of it needs no comparison.
  if (fallV < STUCK_REL * (max - min)) {
    const expectedV = nominalFallV(series, settings);
    if (fallV < STUCK_REL * expectedV)
      return unfit(
        'stuck',
        `it fell by ${millivolts(fallV)}, a nominal node would have by ${millivolts(expectedV)}`,
      );
  }

  const found = fitNode(series, settings, { readNoiseV });
  if (found === undefined) return unfit('not-converged', 'no parameters explain its readings best');
  const { isConverged, ...fit } = found;
  const misfit = misfitOf(fit, settings);
  if (misfit === undefined) {
    return isConverged
      ? { node: series.node, verdict: 'good', reason: null, fit }
      : unfit('not-converged', 'the fit ended before its best parameters', fit);
  }
  const leakPerS = leakOf(series, settings, readNoiseV);
  return leakPerS === undefined
    ? unfit('not-fowler-nordheim', misfit, fit)
    : unfit(
        'leaky',
        `a leak of about ${leakPerS.toExponential(0)} of its voltage a second explains it better: ${misfit}`,
        fit,
      );
}

/** In words, why a fit is not to be believed; undefined where it is. */
function misfitOf({ parameters, diagnostics }: NodeFit, { start }: FitSettings): string | undefined {
  const { chi2, dof, points, outliers } = diagnostics;
  if (chi2Z(chi2, dof) > LARGE_Z) return `chi square is ${chi2.toFixed(0)} at ${dof} degrees of freedom`;
  if (outliers > Math.max(MOST_OUTLIERS, MOST_OUTLIERS_REL * (points + outliers)))
    return `${outliers} of ${points + outliers} readings are outliers`;
  const couplingRel = parameters.couplingRel / start.couplingRel;
  if (couplingRel < LEAST_COUPLING_REL)
    return `pulses boost it by ${couplingRel.toPrecision(2)} of what they boost a nominal node`;
  return undefined;
}

/** The leak that explains a node far better than none, 1/s; undefined where none does. */
function leakOf(series: NodeSeries, settings: FitSettings, readNoiseV: number): number | undefined {
  const chi2At = (leakPerS: number): number => {
    const options: FitOptions = { readNoiseV, leakPerS, setsAside: false };
    return fitNode(series, settings, options)?.diagnostics.chi2 ?? Number.POSITIVE_INFINITY;
  };
  let best = { leakPerS: 0, chi2: chi2At(0) };
  const limit = LEAKY_CHI2_REL * best.chi2;
  const tryAll = (leaks: readonly number[]) => {
    for (const leakPerS of leaks) {
      const chi2 = chi2At(leakPerS);
      if (chi2 < best.chi2) best = { leakPerS, chi2 };
    }
  };
  tryAll(LEAKS_PER_S);
  for (const factor of FINER) tryAll([best.leakPerS / factor, best.leakPerS * factor]);
  return best.chi2 < limit ? best.leakPerS : undefined;
}

const millivolts = (volts: number): string => `${(1e3 * volts).toPrecision(3)} mV`;
