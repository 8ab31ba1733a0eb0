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

/** Returns how many characters the chunk has taken. */
function fill(vector: DuckDBVector, { fits }: Filler, rows: Rows, column: string): number {
  let characters = 0;
  for (let index = 0; index < rows.length; index += 1) {
    const value = rows[index]?.[column];
    if (value !== null && !fits(value)) throw unfit(value, column);
    vector.setItem(index, value as DuckDBValue);
    if (typeof value === 'string') characters += value.length;
  }
  return characters;
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
  readonly columns: readonly {
    readonly column: string;
    readonly filler: Filler;
    readonly vector: DuckDBVector;
  }[];
}

function newChunk(columns: Readonly<Record<string, ColumnType>>): Chunk {
  const declared = Object.entries(columns).map(([column, type]) => ({ column, filler: fillers[type] }));
  const types = declared.map(({ filler }) => filler.type);
  const chunk = DuckDBDataChunk.create(types, CHUNK_ROWS);
  return {
    chunk,
    columns: declared.map((each, index) => ({ ...each, vector: chunk.getColumnVector(index) })),
  };
}

/** Fills an appender with rows by way of data chunks, which takes half the time of its own value by value. */
export class ChunkWriter {
  readonly #appender: DuckDBAppender;
  readonly #declared: Readonly<Record<string, ColumnType>>;
  #open: Chunk;
  #textTaken = 0;

  constructor(appender: DuckDBAppender, columns: Readonly<Record<string, ColumnType>>) {
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
    for (const { column, filler, vector } of columns) {
      this.#textTaken += fill(vector, filler, rows, column);
      vector.flush();
    }
    chunk.rowCount = rows.length;
    this.#appender.appendDataChunk(chunk);
  }
}

const unfit = (value: unknown, column: string): TypeError =>
  new TypeError(`column ${column} cannot hold ${String(value)} (${typeof value})`);
