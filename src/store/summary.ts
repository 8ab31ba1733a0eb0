import { join } from 'node:path';
import { type Estimator, estimators } from '../../calibration/physics/energy.ts';
import type { LinkStatistics } from '../board/link-statistics.ts';
import { quantity, withSigma } from '../core/format.ts';
import { type BoundName, boundNames } from '../ledger/bounds.ts';
import type { Statistic } from '../ledger/measured-total.ts';
import { type Ratio, ratioToBound } from '../ledger/ratio.ts';
import { type InterruptionSummary, interruptionSummary, interruptionsOf } from './interruptions.ts';
import { type BatchSummary, batchSummary, linkSummary } from './link-summary.ts';
import type { Manifest, RunStatus } from './manifest.ts';
import { FIGURES_FOLDER, REPORT_FILE } from './run-folder.ts';
import type { RunReader } from './run-reader.ts';
import { statistic } from './statistic.ts';
import { boundColumn, measuredColumns } from './tables.ts';
import { readWaterfall, type Waterfall } from './waterfall.ts';

export interface BoundStatistic {
  readonly perUpdateZJ: number | null;
  readonly totalZJ: number;
}

/** The calibration that a run used. */
export interface CalibrationUse {
  readonly file: string;
  readonly measuredToWallNs: string;
  readonly goodNodes: number;
  readonly nodes: number;
}

/** What a run amounts to: the object that `--json` prints. */
export interface RunSummary {
  readonly runId: string;
  readonly status: RunStatus;
  readonly file: string;
  readonly report: string;
  /** Folder of the report's figures, an SVG file each. */
  readonly figuresFolder: string;
  readonly source: 'board' | 'mock';
  readonly task: string;
  readonly method: string;
  readonly policy: string;
  /** Null where the run knew no more of the chip than its kind. */
  readonly calibration: CalibrationUse | null;
  readonly accuracy: { readonly train: number | null; readonly test: number | null };
  readonly updates: number;
  readonly pulses: number;
  readonly energyFJ: Readonly<Record<Estimator, Statistic>>;
  readonly chargeFC: Readonly<Record<'tunneled' | 'driven', Statistic>>;
  readonly bounds: Readonly<Record<BoundName, BoundStatistic>>;
  /** Null value and sigma where the ratio cannot be said, with the reason. */
  readonly ratio: {
    readonly estimator: Estimator;
    readonly bound: BoundName;
    readonly value: number | null;
    readonly sigma: number | null;
    readonly reason: string | null;
  };
  /** From the headline bound to what the run took. */
  readonly waterfall: Waterfall;
  /** Energies that are significantly below a bound, which only a fault of the measurement can make them. */
  readonly faults: readonly string[];
  readonly batches: BatchSummary;
  readonly link: LinkStatistics;
  readonly interruptions: InterruptionSummary;
  readonly boardTimeS: number;
  readonly wallTimeS: number;
}

/** A result, wherever its files lie. */
export type RunResult = Omit<RunSummary, 'file' | 'report' | 'figuresFolder'>;

export const HEADLINE_ESTIMATOR: Estimator = 'full-cycle';
export const HEADLINE_BOUND: BoundName = 'matched';

/** Name of an estimator's columns. */
export const energyColumn = (name: Estimator): string => `energy_${name.replace('-', '_')}`;

/** Computes the summary from what the file holds, so that a run that was cut off has one too. */
export async function summarize(run: RunReader): Promise<RunSummary> {
  const { manifest } = run;
  const [counts = { updates: 0, pulses: 0 }] = await run.query<{ updates: number; pulses: number }>(
    'SELECT count(*) AS updates, coalesce(sum(pulses), 0)::BIGINT AS pulses FROM updates',
  );
  const [last] = await run.query<{ train: number | null; test: number | null; wallNs: bigint }>(
    `SELECT train_accuracy AS train, test_accuracy AS test, wall_ns AS "wallNs"
     FROM steps ORDER BY step DESC LIMIT 1`,
  );
  const energies = await Promise.all(
    estimators.map(
      async (name) => [name, await statistic(run, measuredColumns(energyColumn(name), 'fj'))] as const,
    ),
  );
  const bounds = await Promise.all(
    boundNames.map(async (name) => [name, await boundStatistic(run, name)] as const),
  );
  const energyFJ = Object.fromEntries(energies) as Record<Estimator, Statistic>;
  const boundOf = Object.fromEntries(bounds) as Record<BoundName, BoundStatistic>;
  const startedNs = BigInt(manifest.startedWallNs);
  const endedNs = BigInt(manifest.endedWallNs ?? last?.wallNs ?? startedNs);
  return {
    runId: manifest.runId,
    status: manifest.status,
    file: run.file,
    report: join(run.folder, REPORT_FILE),
    figuresFolder: join(run.folder, FIGURES_FOLDER),
    source: manifest.source,
    task: manifest.experiment.task.name,
    method: manifest.experiment.method.name,
    policy: manifest.experiment.policy.name,
    calibration: calibrationUse(manifest),
    accuracy: { train: last?.train ?? null, test: last?.test ?? null },
    ...counts,
    energyFJ,
    chargeFC: {
      tunneled: await statistic(run, measuredColumns('charge_tunneled', 'fc')),
      driven: await statistic(run, measuredColumns('charge_driven', 'fc')),
    },
    bounds: boundOf,
    ratio: headlineRatio(energyFJ[HEADLINE_ESTIMATOR], boundOf[HEADLINE_BOUND]),
    waterfall: await readWaterfall(run),
    faults: faultsOf(energyFJ, boundOf),
    batches: await batchSummary(run),
    link: await linkSummary(run),
    interruptions: interruptionSummary(await interruptionsOf(run)),
    boardTimeS: await boardTimeS(run),
    wallTimeS: Number(endedNs - startedNs) / 1e9,
  };
}

function calibrationUse({ calibration }: Manifest): CalibrationUse | null {
  if (calibration === undefined) return null;
  const { file, measuredToWallNs, goodNodes, nodes } = calibration;
  return { file, measuredToWallNs, goodNodes, nodes };
}

/** Time that passed on the board, s; a clock that starts again after a restart of the board counts on from there. */
async function boardTimeS(run: RunReader): Promise<number> {
  const [row] = await run.query<{ elapsedUs: number | null }>(`
    WITH steps AS (
      SELECT board_time_us AS at_us, lag(board_time_us, 1, ${run.manifest.board.identity.boardTimeUs}) OVER (ORDER BY rowid) AS before_us
      FROM steps
    )
    SELECT sum(CASE WHEN at_us >= before_us THEN at_us - before_us ELSE at_us END)::BIGINT AS "elapsedUs" FROM steps`);
  return (row?.elapsedUs ?? 0) / 1e6;
}

async function boundStatistic(run: RunReader, name: BoundName): Promise<BoundStatistic> {
  const [row] = await run.query<{ count: number; total: number }>(
    `SELECT count(*) AS count, coalesce(fsum(${boundColumn(name)}), 0) AS total FROM updates`,
  );
  const { count, total } = row ?? { count: 0, total: 0 };
  return { perUpdateZJ: count === 0 ? null : total / count, totalZJ: total };
}

function faultsOf(
  energyFJ: Readonly<Record<Estimator, Statistic>>,
  bounds: Readonly<Record<BoundName, BoundStatistic>>,
): string[] {
  return estimators.flatMap((estimator) =>
    boundNames.flatMap((bound) => {
      const { mean, sigma } = energyFJ[estimator];
      const { perUpdateZJ } = bounds[bound];
      if (mean === null || sigma === null || perUpdateZJ === null) return [];
      if (ratioToBound(mean, sigma, perUpdateZJ).kind !== 'below-bound') return [];
      return [
        `energy (${estimator}), ${withSigma(mean, sigma, 'fJ')}, is below bound (${bound}), ${quantity(perUpdateZJ, 'zJ')}`,
      ];
    }),
  );
}

function headlineRatio(energy: Statistic, bound: BoundStatistic): RunSummary['ratio'] {
  const names = { estimator: HEADLINE_ESTIMATOR, bound: HEADLINE_BOUND };
  if (energy.mean === null || energy.sigma === null || bound.perUpdateZJ === null) {
    return { ...names, value: null, sigma: null, reason: 'there were no updates' };
  }
  const ratio: Ratio = ratioToBound(energy.mean, energy.sigma, bound.perUpdateZJ);
  if (ratio.kind === 'ratio') return { ...names, value: ratio.value, sigma: ratio.sigma, reason: null };
  return { ...names, value: null, sigma: null, reason: ratio.reason };
}
