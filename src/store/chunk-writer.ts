import {
  BIGINT,
  DOUBLE,
  type DuckDBAppender,
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  DuckDBVector,
  INTEGER,
  VARCHAR,
} from '@duckdb/node-api';
import type { ColumnType } from './tables.ts';

type Columns = Readonly<Record<string, ColumnType>>;
export type Rows = readonly Readonly<Record<string, unknown>>[];

/** Most rows that one data chunk holds. */
const CHUNK_ROWS = DuckDBVector.standardSize();

/** How values of one column type get into a chunk. */
interface Filler {
  /** Column type of the chunk; the appender casts it to the table's. */
  readonly type: DuckDBType;
  fits(value: unknown): boolean;
}

const isNumber = (value: unknown) => typeof value === 'number';
const doubles: Filler = { type: DOUBLE, fits: isNumber };
const integers: Filler = { type: INTEGER, fits: isNumber };
/** Numbers to 2^53 are exact as doubles, which spares a BigInt each. */
const wholeNumbers: Filler = { type: DOUBLE, fits: Number.isSafeInteger };
const bigints: Filler = { type: BIGINT, fits: (value) => typeof value === 'bigint' };
const texts: Filler = { type: VARCHAR, fits: (value) => typeof value === 'string' };

/** A column of a chunk, and what of it is null from the rows before: setting and clearing that bit by bit takes long. */
class ChunkColumn {
  readonly name: string;
  readonly vector: DuckDBVector;
  readonly #fits: Filler['fits'];
  readonly #isNull = new Uint8Array(CHUNK_ROWS);
  readonly #texts: (string | undefined)[] = [];

  constructor(name: string, { fits }: Filler, vector: DuckDBVector) {
    this.name = name;
    this.vector = vector;
    this.#fits = fits;
  }

  /** Throws TypeError for a value that the column cannot hold. */
  set(index: number, value: unknown): void {
    if (value === null) {
      if (this.#isNull[index] === 1) return;
      this.#isNull[index] = 1;
      this.#texts[index] = undefined;
    } else {
      if (!this.#fits(value)) throw unfit(value, this.name);
      this.#isNull[index] = 0;
      if (typeof value === 'string') {
        // A text that stands there from the rows before stays, which spares its copy.
        if (this.#texts[index] === value) return;
        this.#texts[index] = value;
      }
    }
    this.vector.setItem(index, value as DuckDBValue);
  }
}

const fillers: Readonly<Record<ColumnType, Filler>> = {
  DOUBLE: doubles,
  'DOUBLE?': doubles,
  INTEGER: integers,
  'INTEGER?': integers,
  BIGINT: wholeNumbers,
  'BIGINT?': wholeNumbers,
  WALL_NS: bigints,
  'WALL_NS?': bigints,
  VARCHAR: texts,
  'VARCHAR?': texts,
  JSON: texts,
  'JSON?': texts,
};

/** Characters that a chunk may take: it is used again and again, as it takes long to make, but keeps every long text. */
const MOST_TEXT = 1e6;

interface Chunk {
  readonly chunk: DuckDBDataChunk;
  readonly columns: readonly ChunkColumn[];
}

function newChunk(declared: Columns): Chunk {
  const used = Object.entries(declared).map(([name, type]) => ({ name, filler: fillers[type] }));
  const types = used.map(({ filler }) => filler.type);
  const chunk = DuckDBDataChunk.create(types, CHUNK_ROWS);
  return {
    chunk,
    columns: used.map(
      ({ name, filler }, index) => new ChunkColumn(name, filler, chunk.getColumnVector(index)),
    ),
  };
}

/** Fills an appender with rows by way of data chunks, which takes half the time of its own value by value. */
export class ChunkWriter {
  readonly #appender: DuckDBAppender;
  readonly #declared: Columns;
  #open: Chunk;
  #textTaken = 0;

  constructor(appender: DuckDBAppender, columns: Columns) {
    this.#appender = appender;
    this.#declared = columns;
    this.#open = newChunk(columns);
  }

  /** Adds rows to the appender. Throws for a value that no column of its type can hold; some rows may be in then. */
  append(rows: Rows): void {
    for (let first = 0; first < rows.length; first += CHUNK_ROWS)
      this.#appendChunk(rows.slice(first, first + CHUNK_ROWS));
  }

  #appendChunk(rows: Rows): void {
    if (this.#textTaken > MOST_TEXT) {
      this.#open = newChunk(this.#declared);
      this.#textTaken = 0;
    }
    const { chunk, columns } = this.#open;
    for (let index = 0; index < rows.length; index += 1)
      this.#textTaken += fill(columns, index, rows[index] ?? {});
    for (const { vector } of columns) vector.flush();
    chunk.rowCount = rows.length;
    this.#appender.appendDataChunk(chunk);
  }
}

/** Returns how many characters the chunk has taken. */
function fill(columns: readonly ChunkColumn[], index: number, row: Rows[number]): number {
  let characters = 0;
  let place = 0;
  // In the order of the row, which V8 walks six times as fast as it looks up one name after the other.
  for (const name in row) {
    const column = columns[place];
    if (column?.name !== name) return fillByName(columns, index, row);
    const value = row[name];
    column.set(index, value);
    if (typeof value === 'string') characters += value.length;
    place += 1;
  }
  return place === columns.length ? characters : fillByName(columns, index, row);
}

/** For a row whose values stand in another order than the columns. */
function fillByName(columns: readonly ChunkColumn[], index: number, row: Rows[number]): number {
  let characters = 0;
  for (const column of columns) {
    const value = row[column.name];
    column.set(index, value);
    if (typeof value === 'string') characters += value.length;
  }
  return characters;
}

const unfit = (value: unknown, column: string): TypeError =>
  new TypeError(`column ${column} cannot hold ${String(value)} (${typeof value})`);
