import type { Clock } from '../core/clock.ts';
import type { Spool } from '../store/spool.ts';
import type { Chunk, Places } from './chunks.ts';
import { Cursor } from './cursor.ts';
import { quoted } from './line-protocol.ts';
import { INFLUX_SCHEMA_VERSION, measurements } from './measurements.ts';

export interface LogbookParts {
  readonly spool: Spool;
  /** Name of the target. */
  readonly target: string;
  readonly clock: Clock;
}

/** A point that was refused, with the reason of the database. */
export interface RefusedPoint {
  readonly measurement: string;
  readonly line: string;
  readonly reason: string;
}

/** Cursors are written no more often: what is sent again after a crash was idempotent, and the journal commits meanwhile. */
const SAVE_EVERY_MS = 500;

const BEGINNING: Places = new Map(measurements.map(({ name }) => [name, 0]));

/** What the run file knows of its own shipping to one target: cursors, and points set aside. */
export class Logbook {
  readonly #parts: LogbookParts;
  readonly #cursors: ReadonlyMap<string, Cursor>;
  readonly #saved: Map<string, number>;
  #savedAtMs: number;

  private constructor(parts: LogbookParts, saved: Places) {
    this.#parts = parts;
    this.#saved = new Map(saved);
    this.#cursors = new Map(measurements.map(({ name }) => [name, new Cursor(saved.get(name) ?? 0)]));
    this.#savedAtMs = parts.clock.nowMs();
  }

  static async open(parts: LogbookParts): Promise<Logbook> {
    const saved = await savedPlaces(parts.spool, parts.target);
    const logbook = new Logbook(parts, saved);
    // So that the file knows of the target before anything has arrived there.
    if (saved.size === 0) await logbook.#save(BEGINNING);
    return logbook;
  }

  /** For each measurement, the first row that is not known to have arrived. */
  get places(): Places {
    return new Map([...this.#cursors].map(([name, { nextRow }]) => [name, nextRow]));
  }

  /** Begins from the first row again, with points that were refused before too. */
  async forget(): Promise<Logbook> {
    const { spool, target } = this.#parts;
    await spool.forgetSetAside(target);
    await this.#save(BEGINNING);
    return Logbook.open(this.#parts);
  }

  /** The rows of a chunk have arrived or are set aside; that is on disk within a while. */
  async took({ measurement, firstRow, endRow }: Chunk): Promise<void> {
    this.#cursors.get(measurement.name)?.take({ firstRow, endRow });
    if (this.#parts.clock.nowMs() - this.#savedAtMs >= SAVE_EVERY_MS) await this.save();
  }

  /** Resolves once it is on disk, before any cursor goes past it. One that was set aside before is not counted again. */
  async setAside({ measurement, line, reason }: RefusedPoint): Promise<void> {
    const { spool, target, clock } = this.#parts;
    const timeNs = BigInt(line.slice(line.lastIndexOf(' ') + 1));
    const known = await spool.query(
      `SELECT 1 FROM set_aside WHERE ${ofTarget(target)} AND measurement = ${quoted(measurement)} AND time_ns = ${timeNs}`,
    );
    if (known.length > 0) return;
    await spool.add({
      set_aside: [
        {
          target,
          schema: INFLUX_SCHEMA_VERSION,
          measurement,
          time_ns: timeNs,
          line,
          reason,
          wall_ns: clock.wallNs(),
        },
      ],
    });
  }

  /** Puts the cursors on disk where they have moved. */
  async save(): Promise<void> {
    this.#savedAtMs = this.#parts.clock.nowMs();
    await this.#save(
      new Map([...this.places].filter(([name, nextRow]) => nextRow !== (this.#saved.get(name) ?? 0))),
    );
  }

  async #save(places: Places): Promise<void> {
    if (places.size === 0) return;
    const { spool, target, clock } = this.#parts;
    const wallNs = clock.wallNs();
    for (const [name, nextRow] of places) this.#saved.set(name, nextRow);
    await spool.add({
      shipped: [...places].map(([measurement, nextRow]) => ({
        target,
        schema: INFLUX_SCHEMA_VERSION,
        measurement,
        next_row: nextRow,
        wall_ns: wallNs,
      })),
    });
  }
}

const ofTarget = (target: string): string =>
  `target = ${quoted(target)} AND schema = ${INFLUX_SCHEMA_VERSION}`;

/** How far a run file says that it was shipped. */
export async function savedPlaces(spool: Pick<Spool, 'query'>, target: string): Promise<Places> {
  const rows = await spool.query<{ measurement: string; nextRow: number }>(
    `SELECT measurement, arg_max(next_row, rowid) AS "nextRow" FROM shipped WHERE ${ofTarget(target)} GROUP BY measurement`,
  );
  return new Map(rows.map(({ measurement, nextRow }) => [measurement, nextRow]));
}
