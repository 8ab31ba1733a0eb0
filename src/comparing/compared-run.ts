import { type BoundName, boundNames } from '../ledger/bounds.ts';
import type { Statistic } from '../ledger/measured-total.ts';
import type { RunReader } from '../store/run-reader.ts';
import { summarize } from '../store/summary.ts';
import { CELLS_FJ, type CellPart, cellParts } from '../store/waterfall.ts';
import type { PulseShape } from './same-step.ts';

/** What a run had reached, and spent, by the end of a step. */
export interface CoursePoint {
  readonly step: number;
  readonly accuracy: number;
  readonly updates: number;
  /** Of all cells, since the run began. */
  readonly energyFJ: number;
  readonly boardTimeS: number;
}

/** One run of a comparison, as its file has it. */
export interface ComparedRun {
  readonly runId: string;
  readonly policy: string;
  readonly seed: number;
  /** The pulse that fresh cells got. */
  readonly pulse: PulseShape;
  /** Whether that pulse is the experiment's own. */
  readonly isOwnPulse: boolean;
  readonly source: 'board' | 'mock';
  readonly accuracy: number;
  readonly updates: number;
  readonly pulses: number;
  readonly cells: Statistic;
  readonly boundsZJ: Readonly<Record<BoundName, number>>;
  readonly partsFJ: Readonly<Record<CellPart, number>>;
  readonly readsFJ: number;
  readonly boardFJ: number;
  readonly boardTimeS: number;
  readonly course: readonly CoursePoint[];
}

type Asked = Pick<ComparedRun, 'seed' | 'pulse' | 'isOwnPulse'>;

/** Reads what a comparison needs of a run that has finished. */
export async function comparedRun(run: RunReader, asked: Asked): Promise<ComparedRun> {
  const { runId, policy, source, accuracy, updates, pulses, waterfall, bounds, boardTimeS } =
    await summarize(run);
  return {
    runId,
    policy,
    ...asked,
    source,
    accuracy: accuracy.test ?? 0,
    updates,
    pulses,
    cells: waterfall.cells,
    boundsZJ: recordOf(boundNames, (name) => bounds[name].totalZJ),
    partsFJ: recordOf(cellParts, (name) => waterfall.parts[name].totalFJ),
    readsFJ: waterfall.reads?.totalFJ ?? 0,
    boardFJ: waterfall.board?.totalFJ ?? 0,
    boardTimeS,
    course: await courseOf(run),
  };
}

interface StepSums {
  readonly step: number;
  readonly accuracy: number | null;
  readonly boardTimeUs: number;
  readonly updates: number;
  readonly energyFJ: number;
}

async function courseOf(run: RunReader): Promise<CoursePoint[]> {
  const steps = await run.query<StepSums>(`
    SELECT step, test_accuracy AS accuracy, board_time_us AS "boardTimeUs", coalesce(sums.updates, 0)::BIGINT AS updates,
           coalesce(energy, 0) AS "energyFJ"
    FROM steps LEFT JOIN (SELECT step, count(*) AS updates, fsum(${CELLS_FJ}) AS energy FROM updates GROUP BY step) AS sums USING (step)
    ORDER BY steps.rowid`);
  let [atUs, elapsedUs, updates, energyFJ] = [run.manifest.board.identity.boardTimeUs, 0, 0, 0];
  return steps.map((each) => {
    // The clock of a board that has restarted begins at 0.
    elapsedUs += each.boardTimeUs >= atUs ? each.boardTimeUs - atUs : each.boardTimeUs;
    atUs = each.boardTimeUs;
    updates += each.updates;
    energyFJ += each.energyFJ;
    return { step: each.step, accuracy: each.accuracy ?? 0, updates, energyFJ, boardTimeS: elapsedUs / 1e6 };
  });
}

const recordOf = <Name extends string>(names: readonly Name[], take: (name: Name) => number) =>
  Object.fromEntries(names.map((name) => [name, take(name)])) as Record<Name, number>;
