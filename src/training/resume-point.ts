import type { WeightSign } from '../../calibration/physics/cell.ts';
import type { ArrayReading } from '../board/types.ts';
import { type Experiment, experimentSchema } from '../config/experiment.ts';
import { FnloopError } from '../core/errors.ts';
import { recordedReading } from '../settling/recorded-reading.ts';
import type { RunFile } from '../store/run-file.ts';
import type { RunReader } from '../store/run-reader.ts';
import type { HostState } from './host-state.ts';

/** What the file of a run says of how far it came. */
export interface RecordedRun {
  /** The last step that is on record. */
  readonly lastStep: number;
  /** What the process held after it. */
  readonly state: HostState;
  /** The reading before the first step, and the one that the step after the last was to begin with: cells with a weight. */
  readonly start: ArrayReading;
  readonly before: ArrayReading;
  /** 0 where there was none. */
  readonly lastIntent: number;
  readonly lastUpdate: number;
  readonly updatesOfCell: ReadonlyMap<number, number>;
  /** Pulses of a step that is not on record: it was cut in its middle. */
  readonly cut: readonly CutPulse[];
}

export interface CutPulse {
  readonly update: number;
  readonly cell: number;
  readonly kind: 'SET' | 'RESET';
}

/** Where a run goes on. */
export interface ResumePoint {
  readonly record: Omit<RecordedRun, 'state' | 'before' | 'cut'>;
  /** What the process that died would hold now. */
  readonly state: HostState;
  readonly sign: WeightSign | undefined;
  /** All cells of the board, as they are now. */
  readonly reading: ArrayReading;
}

/** Whether a process can go on with a run: it has recorded a step, and its state with it. */
export async function hasHostState(runFile: Pick<RunFile, 'query'>): Promise<boolean> {
  // A file of an earlier fnloop has no such table.
  const [{ tables = 0 } = {}] = await runFile.query<{ tables: number }>(
    "SELECT count(*) AS tables FROM information_schema.tables WHERE table_name = 'host_state'",
  );
  if (tables === 0) return false;
  const [{ rows = 0 } = {}] = await runFile.query<{ rows: number }>(
    'SELECT count(*) AS rows FROM host_state',
  );
  return rows > 0;
}

/** The experiment of a run that another process may go on with. Throws `not-resumable`. */
export async function resumable(run: RunReader): Promise<Experiment> {
  const { runId, status, features, experiment } = run.manifest;
  if (features === undefined)
    throw new FnloopError(
      'not-resumable',
      `Run ${runId} is no training. A calibration goes on with: fnloop calibrate --resume ${runId}`,
    );
  if (status === 'finished')
    throw new FnloopError('not-resumable', `Run ${runId} is finished: there is nothing to go on with.`);
  if (!(await hasHostState(run)))
    throw new FnloopError(
      'not-resumable',
      `Run ${runId} ended before its first step was recorded, or was written by an fnloop that recorded no state: begin anew with fnloop train.`,
    );
  const parsed = experimentSchema.safeParse(experiment);
  if (parsed.success) return parsed.data;
  throw new FnloopError(
    'not-resumable',
    `The experiment of run ${runId} is of another fnloop, which this one does not understand.`,
    { cause: parsed.error },
  );
}

/** For a file with state and without open batches, whose updates all have their rows. */
export async function recordedRun(runFile: RunFile, cells: readonly number[]): Promise<RecordedRun> {
  const [found] = await runFile.query<Pick<RecordedRun, 'lastStep' | 'lastIntent' | 'lastUpdate'>>(`
    SELECT (SELECT max(step) FROM steps) AS "lastStep",
           (SELECT coalesce(max(intent), 0) FROM intents) AS "lastIntent",
           (SELECT coalesce(max(update_id), 0) FROM pulses) AS "lastUpdate"`);
  const [row] = await runFile.query<{ state: string }>(
    'SELECT state FROM host_state ORDER BY rowid DESC LIMIT 1',
  );
  const start = await recordedReading(
    runFile,
    'step = 0 AND board_time_us = (SELECT board_time_us FROM steps WHERE step = 0)',
  );
  if (found === undefined || row === undefined || start === undefined)
    throw new FnloopError('invariant', 'A run with state has no step.');
  const before = (await recordedReading(runFile, `step <= ${found.lastStep}`)) ?? start;
  const counts = await runFile.query<{ cell: number; updates: number }>(
    'SELECT cell, count(*) AS updates FROM updates GROUP BY cell',
  );
  return {
    ...found,
    state: JSON.parse(row.state) as HostState,
    start: ofCells(start, cells),
    before: ofCells(before, cells),
    updatesOfCell: new Map(counts.map(({ cell, updates }) => [cell, updates])),
    cut: await runFile.query<CutPulse>(`
      SELECT update_id AS update, pulses.cell, pulses.kind FROM pulses JOIN intents USING (intent)
      WHERE step > ${found.lastStep} ORDER BY pulses.rowid`),
  };
}

/** What a reading says of some cells only. */
export function ofCells(reading: ArrayReading, cells: readonly number[]): ArrayReading {
  const isOne = new Set(cells);
  return { ...reading, cells: reading.cells.filter(({ cell }) => isOne.has(cell)) };
}
