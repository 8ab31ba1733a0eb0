import type { Spool } from '../store/spool.ts';

import { type Lines, linesIn } from './line-texts.ts';
import { linesSql, namesOf, type RowRange, type Spelling } from './lines.ts';
import { type Measurement, measurements } from './measurements.ts';

/** A run file that can be asked. */
type Source = Pick<Spool, 'query' | 'blobs' | 'manifest'>;

/** Consecutive rows of one measurement, as lines. */
export interface Chunk extends RowRange {
  readonly measurement: Measurement;
  readonly lines: Lines;
  readonly points: number;
}

/** Where to begin: for each measurement the first row that is not known to have arrived. */
export type Places = ReadonlyMap<string, number>;

/** Reads the committed rows of a run, behind a cursor for each measurement, as lines of several thousand at a time. */
export class ChunkReader {
  readonly #source: Source;
  readonly #rowsAtMost: number;
  readonly #nextRows: Map<string, number>;
  /** So that each measurement has its turn, and a backlog of one does not hide what is new in others. */
  #turn = 0;
  #committed: ReadonlyMap<string, number> = new Map();

  constructor(source: Source, places: Places, rowsAtMost: number) {
    this.#source = source;
    this.#rowsAtMost = rowsAtMost;
    this.#nextRows = new Map(places);
  }

  /** The next rows of the measurement whose turn it is; undefined where all that is committed has been handed out. */
  async next(): Promise<Chunk | undefined> {
    const known = await this.#nextOf(this.#committed);
    if (known !== undefined) return known;
    this.#committed = await committedRows(this.#source);
    return this.#nextOf(this.#committed);
  }

  async #nextOf(committed: ReadonlyMap<string, number>): Promise<Chunk | undefined> {
    for (let tried = 0; tried < measurements.length; tried += 1) {
      const measurement = measurements[this.#turn];
      this.#turn = (this.#turn + 1) % measurements.length;
      if (measurement === undefined) continue;
      const firstRow = this.#nextRows.get(measurement.name) ?? 0;
      const endRow = Math.min(firstRow + this.#rowsAtMost, committed.get(measurement.table) ?? 0);
      if (endRow <= firstRow) continue;
      this.#nextRows.set(measurement.name, endRow);
      return this.#read(measurement, { firstRow, endRow });
    }
    return undefined;
  }

  async #read(measurement: Measurement, range: RowRange): Promise<Chunk> {
    if (measurement.points === undefined) {
      const lines = await this.#lines(measurement, range, 'quick');
      const points = linesIn(lines);
      // Fewer where a row has a number that must not be sent.
      if (points === range.endRow - range.firstRow) return { measurement, ...range, lines, points };
    }
    const lines = await this.#lines(measurement, range, 'careful');
    return { measurement, ...range, lines, points: linesIn(lines) };
  }

  #lines(measurement: Measurement, range: RowRange, spelling: Spelling): Promise<Lines> {
    return this.#source.blobs(linesSql(measurement, namesOf(this.#source.manifest), range, spelling));
  }
}

/** How many rows of each table are on disk. */
export async function committedRows(spool: Pick<Source, 'query'>): Promise<ReadonlyMap<string, number>> {
  const tables = [...new Set(measurements.map(({ table }) => table))];
  const rows = await spool.query<{ table: string; count: number }>(
    tables.map((table) => `SELECT '${table}' AS table, count(*) AS count FROM ${table}`).join(' UNION ALL '),
  );
  return new Map(rows.map(({ table, count }) => [table, count]));
}

/** Rows that are on disk and not known to have arrived. */
export const rowsWaiting = (committed: ReadonlyMap<string, number>, places: Places): number =>
  measurements.reduce(
    (sum, { name, table }) => sum + (committed.get(table) ?? 0) - (places.get(name) ?? 0),
    0,
  );
