import type { Statistic } from '../ledger/measured-total.ts';
import type { RunReader } from './run-reader.ts';
import { type MeasuredSql, statistic } from './statistic.ts';
import { boundColumn, measuredColumns } from './tables.ts';

/** Where the energy of updates went, from the least that it could have been to what the cells took; THEORY.md, equation 27. */
export const cellParts = ['bound', 'excessTilt', 'core', 'drift', 'drive', 'verify'] as const;
export type CellPart = (typeof cellParts)[number];

/** An energy by update and in all; null by update where there were none. */
export interface EnergySum {
  readonly perUpdateFJ: number | null;
  readonly totalFJ: number;
}

/** The gap between bound and measurement, part by part. */
export interface Waterfall {
  /** They add up to `cells`. A part is negative where the measurement says so. */
  readonly parts: Readonly<Record<CellPart, EnergySum>>;
  /** full-cycle, tunneling and free drift of all updates. The sigma is that of full-cycle and tunneling together. */
  readonly cells: Statistic;
  /** Null where no step says what reading took. */
  readonly reads: EnergySum | null;
  /** Cells and reads. */
  readonly total: EnergySum | null;
  /** Beside the total, not in it. */
  readonly board: EnergySum | null;
  /** Steps that do not say what reading and running the board took. */
  readonly unknownSteps: number;
}

/** What the cells took for one update, by the columns of `updates`. */
export const CELLS_FJ = 'energy_full_cycle_fj + energy_tunneling_fj + energy_drift_fj';

const fullCycle = measuredColumns('energy_full_cycle', 'fj');
const tunneling = measuredColumns('energy_tunneling', 'fj');

/**
 * Both lean on the same capacitances and gains of the same node, so their parts add linearly. Drift has none of its own: what a
 * wrong rate adds to it, it takes from tunneling, which has that sigma already.
 */
export const cellsSql: MeasuredSql = {
  value: CELLS_FJ,
  noiseSigma: `${fullCycle.noiseSigma} + ${tunneling.noiseSigma}`,
  nodeSigma: `${fullCycle.nodeSigma} + ${tunneling.nodeSigma}`,
  commonSigma: `${fullCycle.commonSigma} + ${tunneling.commonSigma}`,
};

/** A correction of an overshoot has no part of its own but `verify`: without the overshoot none of it would be. */
const ownPart = (sql: string): string => `coalesce(fsum(${sql}) FILTER (purpose <> 'correct'), 0)`;

interface PartSums extends Readonly<Record<Exclude<CellPart, 'excessTilt'> | 'tilt', number>> {
  readonly updates: number;
}

/** Decomposes what a run measured, from what its file holds. */
export async function readWaterfall(run: RunReader): Promise<Waterfall> {
  const driven = 'energy_full_cycle_fj + energy_tunneling_fj';
  const [sums = NO_UPDATES] = await run.query<PartSums>(`
    SELECT count(*)::BIGINT AS updates, coalesce(fsum(${boundColumn('matched')}) * 1e-6, 0) AS bound,
           ${ownPart('energy_tilt_fj')} AS tilt, ${ownPart('energy_core_fj')} AS core,
           coalesce(fsum(energy_drift_fj), 0) AS drift,
           ${ownPart(`${driven} - energy_core_fj - energy_tilt_fj - energy_verify_fj`)} AS drive,
           coalesce(fsum(CASE WHEN purpose = 'correct' THEN ${driven} ELSE energy_verify_fj END), 0) AS verify
    FROM updates`);
  const [overhead] = await run.query<{ reads: number | null; board: number | null; unknown: number }>(`
    SELECT fsum(energy_readout_fj) AS reads, fsum(energy_board_fj) AS board,
           (count(*) - count(energy_readout_fj))::BIGINT AS unknown
    FROM steps`);
  const { updates, bound, tilt, core, drift, drive, verify } = sums;
  const sum = (totalFJ: number): EnergySum => ({
    perUpdateFJ: updates === 0 ? null : totalFJ / updates,
    totalFJ,
  });
  const known = (totalFJ: number | null | undefined) =>
    totalFJ === null || totalFJ === undefined ? null : sum(totalFJ);
  const cells = await statistic(run, cellsSql);
  const reads = known(overhead?.reads);
  return {
    parts: {
      bound: sum(bound),
      excessTilt: sum(tilt - bound),
      core: sum(core),
      drift: sum(drift),
      drive: sum(drive),
      verify: sum(verify),
    },
    cells,
    reads,
    total: reads === null ? null : sum(cells.total + reads.totalFJ),
    board: known(overhead?.board),
    unknownSteps: overhead?.unknown ?? 0,
  };
}

const NO_UPDATES: PartSums = { updates: 0, bound: 0, tilt: 0, core: 0, drift: 0, drive: 0, verify: 0 };
