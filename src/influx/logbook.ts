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

/** What the run file knows of its own shipping to one target: cursors, and points set aside. */
export class Logbook {
  readonly #parts: LogbookParts;
  readonly #cursors: ReadonlyMap<string, Cursor>;
  readonly #saved: Map<string, number>;
  readonly #setAside: Set<string>;
  #savedAtMs: number;

  private constructor(parts: LogbookParts, saved: Places, setAside: readonly string[]) {
    this.#parts = parts;
    this.#saved = new Map(saved);
    this.#cursors = new Map(measurements.map(({ name }) => [name, new Cursor(saved.get(name) ?? 0)]));
    this.#setAside = new Set(setAside);
    this.#savedAtMs = parts.clock.nowMs();
  }

  static async open(parts: LogbookParts): Promise<Logbook> {
    const setAside = await parts.spool.query<{ line: string }>(
      `SELECT line FROM set_aside WHERE ${ofTarget(parts.target)}`,
    );
    return new Logbook(
      parts,
      await savedPlaces(parts.spool, parts.target),
      setAside.map(({ line }) => line),
    );
  }

  /** For each measurement, the first row that is not known to have arrived. */
  get places(): Places {
    return new Map([...this.#cursors].map(([name, { nextRow }]) => [name, nextRow]));
  }

  get pointsSetAside(): number {
    return this.#setAside.size;
  }

  /** Begins from the first row again, with points that were refused before too. */
  async forget(): Promise<Logbook> {
    const { spool, target } = this.#parts;
    await spool.forgetSetAside(target);
    await this.#save(new Map(measurements.map(({ name }) => [name, 0])));
    return Logbook.open(this.#parts);
  }

  /** The rows of a chunk have arrived or are set aside; that is on disk within a while. */
  async took({ measurement, firstRow, endRow }: Chunk): Promise<void> {
    this.#cursors.get(measurement.name)?.take({ firstRow, endRow });
    if (this.#parts.clock.nowMs() - this.#savedAtMs >= SAVE_EVERY_MS) await this.save();
  }

  /** Resolves once it is on disk, before any cursor goes past it. One that was set aside before is not counted again. */
  async setAside({ measurement, line, reason }: RefusedPoint): Promise<void> {
    if (this.#setAside.has(line)) return;
    const { spool, target, clock } = this.#parts;
    await spool.add({
      set_aside: [
        {
          target,
          schema: INFLUX_SCHEMA_VERSION,
          measurement,
          time_ns: BigInt(line.slice(line.lastIndexOf(' ') + 1)),
          line,
          reason,
          wall_ns: clock.wallNs(),
        },
      ],
    });
    this.#setAside.add(line);
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
