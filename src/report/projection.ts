import { type TrainingLoad, updatesPerParameter } from '../../calibration/bounds/training-load.ts';
import { FnloopError } from '../core/errors.ts';
import { plain, quantity } from '../core/format.ts';
import type { Statistic } from '../ledger/measured-total.ts';
import { ratioToBound } from '../ledger/ratio.ts';
import type { RunReader } from '../store/run-reader.ts';
import { type RunSummary, summarize } from '../store/summary.ts';

/** What of a run is projected to a model. */
export interface ProjectedRun
  extends Pick<RunSummary, 'runId' | 'source' | 'updates' | 'energyFJ' | 'waterfall'> {
  /** Of the cell that had most. */
  readonly mostUpdates: number;
  /** Resolution of its board's converter. */
  readonly converterBits: number;
}

/** A training at the measured cost of an update, J. */
export interface ProjectionLine {
  readonly name: string;
  readonly perUpdateJ: number;
  /** Null where a part of it has none. */
  readonly perUpdateSigmaJ: number | null;
  readonly totalJ: number;
  /** 95 % interval of the total. */
  readonly interval: { readonly fromJ: number; readonly toJ: number } | null;
  /** Over the matched bound of the same training; null where that is zero. */
  readonly overMatched: { readonly value: number; readonly sigma: number | null } | null;
}

export interface Projection {
  readonly runId: string;
  readonly source: RunSummary['source'];
  readonly updates: number;
  readonly lines: readonly [cells: ProjectionLine, ...others: ProjectionLine[]];
  readonly assumptions: readonly string[];
}

const FJ_TO_J = 1e-15;
const TWO_SIDED_95 = 1.96;

export async function readProjectedRun(run: RunReader): Promise<ProjectedRun> {
  const { runId, source, updates, energyFJ, waterfall } = await summarize(run);
  const [cell] = await run.query<{ most: number | null }>('SELECT max(nth_of_cell) AS most FROM updates');
  return {
    runId,
    source,
    updates,
    energyFJ,
    waterfall,
    mostUpdates: cell?.most ?? 0,
    converterBits: run.manifest.board.identity.adcBits,
  };
}

/**
 * What a training would take at this chip's measured cost of an update; THEORY.md, equation 28. Throws `usage` for a run that has
 * no updates or whose sigma is not below its value, and `below-bound` where the run took less than what is possible.
 */
export function projectRun(run: ProjectedRun, load: TrainingLoad, matchedZJ: number): Projection {
  const { runId, source, updates, waterfall } = run;
  const measured = (name: string, { mean, sigma }: Statistic): ProjectionLine => {
    if (mean === null || sigma === null)
      throw new FnloopError('usage', `Run ${runId} has no updates: there is nothing to project.`);
    const ratio = ratioToBound(mean, sigma, matchedZJ);
    if (ratio.kind === 'below-bound')
      throw new FnloopError('below-bound', `Run ${runId} cannot be projected: ${ratio.reason}.`);
    if (!(sigma < mean))
      throw new FnloopError(
        'usage',
        `Run ${runId} cannot be projected: of ${name}, sigma (${quantity(sigma, 'fJ')}) is not below the value (${quantity(mean, 'fJ')}).`,
      );
    const totalJ = mean * FJ_TO_J * load.operations;
    const halfWidthJ = TWO_SIDED_95 * sigma * FJ_TO_J * load.operations;
    return {
      name,
      perUpdateJ: mean * FJ_TO_J,
      perUpdateSigmaJ: sigma * FJ_TO_J,
      totalJ,
      interval: { fromJ: totalJ - halfWidthJ, toJ: totalJ + halfWidthJ },
      overMatched: ratio.kind === 'ratio' ? { value: ratio.value, sigma: ratio.sigma } : null,
    };
  };
  const cells = measured('cells (full-cycle)', run.energyFJ['full-cycle']);
  const all = measured('cells in all', waterfall.cells);
  return {
    runId,
    source,
    updates,
    lines: [cells, all, ...withReadOut(waterfall, load, all)],
    assumptions: assumptionsOf(run, load),
  };
}

/** The energy of a conversion is a description of the board, without a sigma: so is what contains it. */
function withReadOut(
  { total }: ProjectedRun['waterfall'],
  { operations }: TrainingLoad,
  { overMatched, perUpdateJ: cellsJ }: ProjectionLine,
): ProjectionLine[] {
  const perUpdateFJ = total?.perUpdateFJ ?? null;
  if (perUpdateFJ === null) return [];
  const perUpdateJ = perUpdateFJ * FJ_TO_J;
  return [
    {
      name: 'cells and read-out',
      perUpdateJ,
      perUpdateSigmaJ: null,
      totalJ: perUpdateJ * operations,
      interval: null,
      overMatched:
        overMatched === null ? null : { value: (overMatched.value * perUpdateJ) / cellsJ, sigma: null },
    },
  ];
}

function assumptionsOf(
  { source, updates, mostUpdates, waterfall }: ProjectedRun,
  load: TrainingLoad,
): string[] {
  const { reads, board } = waterfall;
  return [
    ...(source === 'mock' ? ['the run is of a mock: simulated, not measured on a chip'] : []),
    `every operation is an update at the mean cost of this run's ${updates}`,
    `no cell of the run had more than ${mostUpdates} updates, a parameter of the model has ${plain(updatesPerParameter(load))}: what hardening and wear would add is not counted`,
    'all chips are as this one: capacitances and gains are common to its cells, so sigma does not average down over more of them',
    'cells only: no interconnect, and no read-out in lines that do not name it',
    ...(reads === null
      ? []
      : ['read-out as often an update as in this run, at the assumed energy of a conversion']),
    board === null
      ? 'the board is not counted'
      : `the board is not counted: ${quantity(board.perUpdateFJ, 'fJ')} an update in this run`,
  ];
}
