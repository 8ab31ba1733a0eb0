import { type Estimator, estimators } from '../../calibration/physics/energy.ts';
import { boundNames } from '../ledger/bounds.ts';
import { ratioToBound } from '../ledger/ratio.ts';
import type { RunReader } from '../store/run-reader.ts';
import { type StepStatistic, stepStatistics } from '../store/statistic.ts';
import { energyColumn, HEADLINE_BOUND } from '../store/summary.ts';
import { boundColumn, measuredColumns } from '../store/tables.ts';
import { CELLS_FJ } from '../store/waterfall.ts';

/** Mean over the updates of a step, in fJ whatever the series. */
export interface EnergyPoint {
  readonly step: number;
  readonly series: string;
  readonly kind: 'estimator' | 'bound';
  readonly energyFJ: number;
}

/** An estimator over the headline bound with its 95 % interval. */
export interface RatioPoint {
  readonly step: number;
  readonly series: Estimator;
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/** What all cells had taken by the end of a step, and what they knew then. */
export interface AccuracyOverEnergy {
  readonly step: number;
  readonly energyFJ: number;
  readonly accuracy: number;
}

export interface EnergySeries {
  readonly energy: readonly EnergyPoint[];
  readonly ratio: readonly RatioPoint[];
  /** Points of which no ratio can be said: sigma is not below the value. */
  readonly uncertainRatios: number;
}

/** More points than these are not seen on a figure. */
const MOST_POINTS = 400;
const TWO_SIDED_95 = 1.96;
const FJ_PER_ZJ = 1e-6;

/** Estimators and bounds over the steps of a run; of long runs the means of neighboring steps. */
export async function readEnergySeries(run: RunReader): Promise<EnergySeries> {
  const each = await stepsEach(run);
  const measured: (readonly [Estimator, StepStatistic[]])[] = [];
  for (const name of estimators)
    measured.push([name, await stepStatistics(run, measuredColumns(energyColumn(name), 'fj'), each)]);
  const energy: EnergyPoint[] = measured.flatMap(([series, points]) =>
    points.map(({ step, mean }) => ({ step, series, kind: 'estimator', energyFJ: mean })),
  );
  const headline = new Map<number, number>();
  for (const name of boundNames) {
    const exact = { noiseSigma: '0', nodeSigma: '0', commonSigma: '0' };
    for (const { step, mean } of await stepStatistics(run, { value: boundColumn(name), ...exact }, each)) {
      energy.push({ step, series: `bound (${name})`, kind: 'bound', energyFJ: mean * FJ_PER_ZJ });
      if (name === HEADLINE_BOUND) headline.set(step, mean);
    }
  }
  return {
    // A logarithmic axis has no zero: `matched` is zero for the first update of a weight.
    energy: energy.filter(({ energyFJ }) => energyFJ > 0),
    ...ratiosOf(measured, headline),
  };
}

function ratiosOf(
  measured: readonly (readonly [Estimator, readonly StepStatistic[]])[],
  boundsZJ: ReadonlyMap<number, number>,
): Pick<EnergySeries, 'ratio' | 'uncertainRatios'> {
  const ratio: RatioPoint[] = [];
  let uncertainRatios = 0;
  for (const [series, points] of measured)
    for (const { step, mean, sigma } of points) {
      const found = ratioToBound(mean, sigma, boundsZJ.get(step) ?? 0);
      if (found.kind === 'uncertain') uncertainRatios += 1;
      if (found.kind !== 'ratio') continue;
      const halfWidth = TWO_SIDED_95 * found.sigma;
      ratio.push({
        step,
        series,
        ratio: found.value,
        low: found.value - halfWidth,
        high: found.value + halfWidth,
      });
    }
  return { ratio, uncertainRatios };
}

/** Test accuracy after each step over all that its cells had taken by then; of long runs not every step. */
export async function readAccuracyOverEnergy(run: RunReader): Promise<AccuracyOverEnergy[]> {
  return run.query<AccuracyOverEnergy>(`
    WITH spent AS (SELECT step, fsum(${CELLS_FJ}) AS step_fj FROM updates GROUP BY step),
    reached AS (
      SELECT step, test_accuracy AS accuracy, sum(coalesce(step_fj, 0)) OVER (ORDER BY step) AS "energyFJ"
      FROM steps LEFT JOIN spent USING (step)
    )
    SELECT step, "energyFJ", accuracy FROM reached
    WHERE accuracy IS NOT NULL AND (step % ${await stepsEach(run)} = 0 OR step = (SELECT max(step) FROM steps))
    ORDER BY step`);
}

async function stepsEach(run: RunReader): Promise<number> {
  const [row] = await run.query<{ last: number | null }>('SELECT max(step) AS last FROM steps');
  return Math.max(1, Math.ceil((row?.last ?? 0) / MOST_POINTS));
}
