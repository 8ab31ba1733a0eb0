import { join } from 'node:path';
import { packedSlots } from '../../firmware-protocol/slots.ts';
import type { LinkStatistics } from '../board/link-statistics.ts';
import type { ArrayReading, BoardIdentity, DefinedWave } from '../board/types.ts';
import type { Clock } from '../core/clock.ts';
import { type IntentContext, type Journal, type SettledBatch, slotsDoneOf } from '../scheduling/journal.ts';
import type { PlannedBatch } from '../scheduling/plan.ts';
import { Database } from './database.ts';
import { INTERRUPTION, type Interruption } from './interruptions.ts';
import { linkValues } from './link-columns.ts';
import { type Manifest, type RunStatus, readManifest } from './manifest.ts';
import { RecordTimes } from './record-times.ts';
import { timesOfRecord } from './recorded-times.ts';
import { makeRunFolder, RUN_FILE } from './run-folder.ts';
import { Spool } from './spool.ts';
import { type NewRow, type Row, SCHEMA_VERSION } from './tables.ts';

/** What a run's manifest begins with; more as the kind of run has. */
interface Opening extends Readonly<Record<string, unknown>> {
  readonly board?: {
    readonly address?: string;
    readonly identity: Partial<Pick<BoardIdentity, 'clock' | 'bootNonce' | 'boardTimeUs'>>;
  };
}

/** Works beside a run on its committed rows, from when the record is open until before it is closed. Never rejects. */
export interface Companion {
  /** Takes the spool over, and closes it in `finish`. */
  start(spool: Spool): Promise<void>;
  /** Resolves soon: the run has ended, and its file is to be closed. */
  finish(): Promise<void>;
}

/** Everything of one step that is committed together. */
export interface StepRecord {
  readonly link: LinkStatistics;
  readonly step: NewRow<'steps'>;
  readonly reading: ArrayReading;
  readonly updates: readonly NewRow<'updates'>[];
  /** What the process holds after it, for one that goes on; absent where none can. */
  readonly hostState?: unknown;
}

/** A run that is gone on with after an interruption, all of it committed together. */
export interface Resumption {
  /** The last step on record. */
  readonly step: number;
  /** Absent where the record has it already. */
  readonly reading?: ArrayReading | undefined;
  readonly hostState: unknown;
  readonly interruption: Interruption;
}

/** The run file while its run is on: journal of batches and record of steps. Each call resolves once on disk. */
export class RunFile implements Journal {
  readonly #database: Database;
  readonly #clock: Clock;
  /** Which of the processes that wrote this file, from 1. */
  readonly #session: number;
  readonly #companions: Companion[] = [];
  #isBegun: boolean;
  #times: RecordTimes;

  private constructor(
    database: Database,
    clock: Clock,
    session: number,
    times: RecordTimes,
    isBegun: boolean,
  ) {
    this.#database = database;
    this.#clock = clock;
    this.#session = session;
    this.#isBegun = isBegun;
    this.#times = times;
  }

  /** Creates the run's folder and file. Rejects with `record-failed` where that is not possible. */
  static async create(folder: string, clock: Clock): Promise<RunFile> {
    makeRunFolder(folder);
    const times = new RecordTimes({ clock: 'real', anchor: undefined, latestNs: new Map() });
    return new RunFile(await Database.create(join(folder, RUN_FILE)), clock, 1, times, false);
  }

  /**
   * Opens the file of a run that another process began, to go on with it. Rejects with `run-in-use` while that
   * process lives, with `record-failed` when the file is damaged or of another schema.
   */
  static async reopen(folder: string, clock: Clock): Promise<RunFile> {
    const database = await Database.write(join(folder, RUN_FILE));
    try {
      const manifest = await readManifest(database);
      const [{ session = 0 } = {}] = await database.query<{ session: number | null }>(
        'SELECT max(session) AS session FROM link',
      );
      const times = await timesOfRecord(database, manifest);
      return new RunFile(database, clock, (session ?? 0) + 1, times, true);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** What the run says of itself by now. Rejects with `record-failed` before its record is open. */
  manifest(): Promise<Manifest> {
    return readManifest(this.#database);
  }

  /** Asks the file; for those who open it, not while rows are being written. */
  query<T>(sql: string): Promise<T[]> {
    return this.#database.query<T>(sql);
  }

  /** Opens the record: what the run is. */
  async begin(manifest: Opening): Promise<void> {
    const startedWallNs = this.#clock.wallNs();
    const { clock, bootNonce = 0, boardTimeUs = 0 } = manifest.board?.identity ?? {};
    if (clock === 'virtual') {
      const anchor = { bootNonce, boardTimeUs, timeNs: startedWallNs };
      this.#times = new RecordTimes({ clock: 'virtual', anchor, latestNs: new Map() });
    }
    await this.note({
      schemaVersion: SCHEMA_VERSION,
      status: 'running',
      startedWallNs: String(startedWallNs),
      ...manifest,
    });
    this.#isBegun = true;
    for (const companion of this.#companions) await companion.start(await Spool.beside(this.#database));
  }

  /** Lets a companion in once the record is open: at once where another process opened it. */
  async accompany(companion: Companion): Promise<void> {
    this.#companions.push(companion);
    if (this.#isBegun) await companion.start(await Spool.beside(this.#database));
  }

  /** Adds to the manifest. A key written again replaces the earlier one for readers. */
  async note(manifest: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#database.append({ manifest: manifestRows(manifest) });
  }

  async waves(waves: readonly DefinedWave[]): Promise<void> {
    await this.#database.append({
      waves: waves.map(({ wave, amplitudeV, widthUs, dacCode }) => ({
        wave,
        amplitude_v: amplitudeV,
        width_us: widthUs,
        dac_code: dacCode,
      })),
    });
  }

  async intend(batches: readonly PlannedBatch[], { step, bootNonce }: IntentContext): Promise<void> {
    const committedWallNs = this.#clock.wallNs();
    await this.#database.append({
      intents: batches.map(({ intent, batch, gapUs, slots, pulses }) => ({
        intent,
        boot_nonce: bootNonce,
        batch,
        step,
        gap_us: gapUs,
        slots: packedSlots('slots').encode(slots),
        update_ids: JSON.stringify(pulses.map(({ update }) => update)),
        committed_wall_ns: committedWallNs,
      })),
    });
  }

  async settle(settled: readonly SettledBatch[]): Promise<void> {
    for (const one of settled) this.#times.note(one);
    await this.#database.append({
      outcomes: settled.map(outcomeRow),
      pulses: settled.flatMap(pulseRows),
    });
  }

  async record({ step, reading, updates, link, hostState }: StepRecord): Promise<void> {
    const timeNs = this.#times.step(reading, step.wall_ns);
    await this.#database.append({
      steps: [{ ...step, time_ns: timeNs }],
      readings: readingRows(step.step, reading),
      updates: this.#timed(updates),
      link: [this.#linkRow(step.step, link)],
      host_state: hostState === undefined ? [] : [stateRow(step.step, hostState)],
    });
  }

  /** Says that the run is under way again, after what, and from which state of cells and host. */
  async resume({ step, reading, hostState, interruption }: Resumption): Promise<void> {
    await this.#database.append({
      manifest: manifestRows({ status: 'running', endedWallNs: null, failure: null }),
      readings: reading === undefined ? [] : readingRows(step, reading),
      host_state: [stateRow(step, hostState)],
      events: [this.#eventRow(step, INTERRUPTION, interruption)],
    });
  }

  /** Says that the run goes on after a rest, from which state of cells and host. */
  async goOn({
    step,
    reading,
    hostState,
  }: Pick<StepRecord, 'reading' | 'hostState'> & { readonly step: number }): Promise<void> {
    await this.#database.append({
      readings: readingRows(step, reading),
      host_state: hostState === undefined ? [] : [stateRow(step, hostState)],
      events: [this.#eventRow(step, 'went-on', {})],
    });
  }

  /** Adds rows of updates that another process executed but did not live to account for. */
  async recordLate(updates: readonly NewRow<'updates'>[]): Promise<void> {
    await this.#database.append({ updates: this.#timed(updates) });
  }

  async reading(step: number, reading: ArrayReading): Promise<void> {
    await this.#database.append({ readings: readingRows(step, reading) });
  }

  async event(step: number, name: string, detail: unknown): Promise<void> {
    await this.#database.append({ events: [this.#eventRow(step, name, detail)] });
  }

  /**
   * Replaces all rows of `updates` and says why in manifest and events, all at once or not at all; returns how many rows there are.
   * Whatever database has them is to take them anew. The rows may be computed from this file meanwhile.
   */
  async recompute(
    updates: AsyncIterable<readonly Row<'updates'>[]>,
    { manifest, event }: { readonly manifest: Readonly<Record<string, unknown>>; readonly event: unknown },
  ): Promise<number> {
    const wallNs = this.#clock.wallNs();
    const places = await this.query<Pick<Row<'shipped'>, 'target' | 'schema' | 'measurement'>>(
      'SELECT DISTINCT target, schema, measurement FROM shipped ORDER BY ALL',
    );
    return this.#database.replace('updates', updates, {
      manifest: manifestRows(manifest),
      events: [this.#eventRow(LAST_STEP, 'recomputed', event)],
      shipped: places.map((place) => ({ ...place, next_row: 0, wall_ns: wallNs })),
    });
  }

  /** Closes the record and the file; both stay readable without this, but the status then says `running`. */
  async end(
    status: Exclude<RunStatus, 'running'>,
    link: LinkStatistics,
    manifest: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    try {
      await this.#database.append({ link: [this.#linkRow(LAST_STEP, link)] });
      await this.note({ ...manifest, status, endedWallNs: String(this.#clock.wallNs()) });
    } finally {
      for (const companion of this.#companions) await companion.finish();
      this.#database.close();
    }
  }

  /** Closes the file as it is: whoever opens it next goes on. */
  close(): void {
    this.#database.close();
  }

  #eventRow(step: number, name: string, detail: unknown): Row<'events'> {
    const wallNs = this.#clock.wallNs();
    const timeNs = this.#times.other('events', wallNs);
    return { wall_ns: wallNs, step, name, detail: JSON.stringify(detail), time_ns: timeNs };
  }

  #linkRow(step: number, link: LinkStatistics): Row<'link'> {
    const wallNs = this.#clock.wallNs();
    const timeNs = this.#times.other('link', wallNs);
    return { session: this.#session, step, wall_ns: wallNs, ...linkValues(link), time_ns: timeNs };
  }

  #timed(updates: readonly NewRow<'updates'>[]): Row<'updates'>[] {
    const times = this.#times.updates(updates.map(({ update_id: update }) => update));
    // In place: to copy rows of so many columns takes longer than to make them.
    return updates.map((row, index) => Object.assign(row, { time_ns: times[index] ?? 0n }));
  }
}

/** The step of what is counted after the last one. */
const LAST_STEP = -1;

const manifestRows = (manifest: Readonly<Record<string, unknown>>): Row<'manifest'>[] =>
  Object.entries(manifest).map(([key, value]) => ({ key, value: JSON.stringify(value) }));

const stateRow = (step: number, state: unknown): Row<'host_state'> => ({
  step,
  state: JSON.stringify(state),
});

const readingRows = (
  step: number,
  { bootNonce, boardTimeUs, temperatureK, cells }: ArrayReading,
): Row<'readings'>[] =>
  cells.map(({ cell, setCode, resetCode, convertedUs }) => ({
    step,
    boot_nonce: bootNonce,
    board_time_us: boardTimeUs,
    converted_us: convertedUs,
    cell,
    set_code: setCode,
    reset_code: resetCode,
    temperature_k: temperatureK ?? null,
  }));

function outcomeRow({ batch, verdict }: SettledBatch): Row<'outcomes'> {
  const outcome = verdict.kind === 'executed' ? verdict.outcome : undefined;
  return {
    intent: batch.intent,
    verdict: verdict.kind,
    slots_done: slotsDoneOf(verdict),
    confidence: verdict.kind === 'inferred' ? verdict.confidence : null,
    started_us: outcome?.startedUs ?? null,
    board_time_us: outcome?.boardTimeUs ?? null,
    slack_us: outcome?.slackUs ?? null,
  };
}

function pulseRows({ batch, verdict }: SettledBatch): Row<'pulses'>[] {
  const slotsDone = slotsDoneOf(verdict);
  const codes = verdict.kind === 'executed' ? verdict.outcome.codes : undefined;
  const rows: Row<'pulses'>[] = [];
  for (const [index, { update, slot, cell, kind, wave }] of batch.pulses.entries()) {
    if (slot >= slotsDone) break;
    rows.push({
      update_id: update,
      intent: batch.intent,
      slot,
      cell,
      kind,
      wave,
      before_code: codes?.[2 * index] ?? null,
      after_code: codes?.[2 * index + 1] ?? null,
    });
  }
  return rows;
}
