import {
  type DuckDBAppender,
  DuckDBBlobVector,
  type DuckDBConnection,
  DuckDBInstance,
} from '@duckdb/node-api';
import { alsoFailed, FnloopError, messageOf } from '../core/errors.ts';
import { ChunkWriter } from './chunk-writer.ts';
import { CommitQueue } from './commit-queue.ts';
import { type ColumnType, type Row, type TableName, tableNames, tables } from './tables.ts';

/** Rows by table, to be appended together. */
export type Appended = { readonly [Name in TableName]?: readonly Row<Name>[] };

interface Target {
  readonly appender: DuckDBAppender;
  readonly writer: ChunkWriter;
}

/** Appends of up to this many rows in all share a commit, which takes about as long as that of a single row. */
const ROWS_SHARED = 2048;

/**
 * DuckDB's own threshold, 16 MB, rewrites each block of 122,880 rows several times over while it fills:
 * this takes half the time for each row, for a longer log to read after a crash.
 */
const WAL_BEFORE_CHECKPOINT = '64MB';

/** Asks a run file's database for what is committed. */
export interface Reader {
  query<T>(sql: string): Promise<T[]>;
  /** What is in the first column, BLOB, of a query's rows. Nothing is turned into rows or texts on the way, which takes half the time. */
  blobs(sql: string): Promise<Uint8Array[]>;
  close(): void;
}

/** A run file's DuckDB database, typed by the declared tables. */
export class Database {
  readonly path: string;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #targets = new Map<TableName, Target>();
  readonly #commits = new CommitQueue<Appended>({
    commit: (group) => this.#commit(group),
    sizeOf: (rows) => tableNames.reduce((sum, name) => sum + (rows[name]?.length ?? 0), 0),
    mostShared: ROWS_SHARED,
  });

  private constructor(path: string, instance: DuckDBInstance, connection: DuckDBConnection) {
    this.path = path;
    this.#instance = instance;
    this.#connection = connection;
  }

  /** Creates the file with all tables. Rejects with `record-failed`. */
  static async create(path: string): Promise<Database> {
    const database = await Database.#open(path, 'READ_WRITE');
    for (const name of tableNames) {
      await database.#write(tableDefinition(name));
      await database.#write(tableComment(name));
    }
    return database;
  }

  /** Opens a file to go on writing it. Rejects with `record-failed`, or `run-in-use` while another process writes it. */
  static write(path: string, threads = 2): Promise<Database> {
    return Database.#open(path, 'READ_WRITE', threads);
  }

  /** Opens a file to read it. Rejects with `record-failed`, or `run-in-use` while another process writes it. */
  static read(path: string): Promise<Database> {
    return Database.#open(path, 'READ_ONLY');
  }

  static async #open(path: string, accessMode: 'READ_ONLY' | 'READ_WRITE', threads = 2): Promise<Database> {
    try {
      const instance = await DuckDBInstance.create(path, {
        access_mode: accessMode,
        threads: String(threads),
        wal_autocheckpoint: WAL_BEFORE_CHECKPOINT,
      });
      return new Database(path, instance, await instance.connect());
    } catch (cause) {
      if (messageOf(cause).includes('Could not set lock')) {
        throw new FnloopError(
          'run-in-use',
          `The run file ${path} is held by the process that writes it; read it when that run has ended.`,
          { cause },
        );
      }
      throw new FnloopError(
        'record-failed',
        `Cannot open the run file ${path}: ${messageOf(cause).split('\n')[0]}`,
        { cause },
      );
    }
  }

  /**
   * Appends rows to several tables in one transaction: all of them are on disk when it resolves, or none.
   * May be called while another call is under way: rows are stored in the order of the calls.
   */
  append(rows: Appended): Promise<void> {
    return this.#commits.add(rows);
  }

  /**
   * Replaces all rows of a table, and appends rows to others, in one transaction; returns the number of rows that the table has then.
   * The rows may be computed from this database meanwhile. For whoever is alone with the file: no append may be under way.
   */
  async replace<Name extends TableName>(
    name: Name,
    parts: AsyncIterable<readonly Row<Name>[]>,
    also: Omit<Appended, Name>,
  ): Promise<number> {
    const fresh = `fresh_${name}`;
    let rows = 0;
    await this.#transact(async () => {
      await this.#connection.run(tableDefinition(name, fresh));
      const appender = await this.#connection.createAppender(fresh);
      const writer = new ChunkWriter(appender, tables[name].columns);
      for await (const part of parts) {
        rows += part.length;
        writer.append(part);
      }
      appender.closeSync();
      this.#targets.get(name)?.appender.closeSync();
      this.#targets.delete(name);
      await this.#connection.run(`DROP TABLE ${name}`);
      await this.#connection.run(`ALTER TABLE ${fresh} RENAME TO ${name}`);
      await this.#connection.run(tableComment(name));
      await this.#appendAll([also]);
    });
    return rows;
  }

  /** Runs a query and returns its rows as plain objects; integers beyond 2^53 arrive as bigint. */
  query<T>(sql: string): Promise<T[]> {
    return rowsOf<T>(this.#connection, sql, this.path);
  }

  /** What is in the first column, BLOB, of a query's rows: see `Reader`. */
  blobs(sql: string): Promise<Uint8Array[]> {
    return blobsOf(this.#connection, sql, this.path);
  }

  /** A query's rows by column, one of DuckDB's chunks at a time; BIGINT arrives as bigint. */
  async *columns(sql: string): AsyncGenerator<readonly (readonly unknown[])[]> {
    const result = await this.#connection.stream(sql);
    for (
      let chunk = await result.fetchChunk();
      chunk !== null && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    )
      yield chunk.getColumns();
  }

  /**
   * Opens a connection beside this one, which sees what is committed. Close it before the database. Questions may be asked
   * while another is under way: they are answered in turn, as a second one would cut the rows of the first off.
   */
  async reader(): Promise<Reader> {
    const connection = await this.#instance.connect();
    let turn: Promise<unknown> = Promise.resolve();
    const inTurn = <T>(ask: () => Promise<T>): Promise<T> => {
      const answered = turn.then(ask);
      turn = answered.catch(() => {});
      return answered;
    };
    return {
      query: <T>(sql: string) => inTurn(() => rowsOf<T>(connection, sql, this.path)),
      blobs: (sql) => inTurn(() => blobsOf(connection, sql, this.path)),
      close: () => connection.closeSync(),
    };
  }

  /** Closes the file. Every append has to have settled before. */
  close(): void {
    for (const { appender } of this.#targets.values()) appender.closeSync();
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  #commit(group: readonly Appended[]): Promise<void> {
    return this.#transact(() => this.#appendAll(group));
  }

  async #appendAll(group: readonly Appended[]): Promise<void> {
    for (const name of tableNames) {
      const added = group.map((rows) => rows[name] ?? []).filter(({ length }) => length > 0);
      if (added.length === 0) continue;
      const { appender, writer } = await this.#targetOf(name);
      for (const rows of added) writer.append(rows);
      appender.flushSync();
    }
  }

  /** Does `work` wholly or not at all. */
  async #transact(work: () => Promise<void>): Promise<void> {
    await this.#write('BEGIN');
    try {
      await work();
      await this.#connection.run('COMMIT');
    } catch (cause) {
      for (const { appender } of this.#targets.values()) appender.clear();
      await this.#connection.run('ROLLBACK').catch((later: unknown) => {
        // A COMMIT that failed has taken itself back.
        if (messageOf(later).includes('no transaction is active')) return;
        throw alsoFailed(this.#writingFailed(cause), 'The transaction could not be taken back', later);
      });
      throw this.#writingFailed(cause);
    }
  }

  async #targetOf(name: TableName): Promise<Target> {
    const known = this.#targets.get(name);
    if (known !== undefined) return known;
    const appender = await this.#connection.createAppender(name);
    const target = { appender, writer: new ChunkWriter(appender, tables[name].columns) };
    this.#targets.set(name, target);
    return target;
  }

  async #write(sql: string): Promise<void> {
    try {
      await this.#connection.run(sql);
    } catch (cause) {
      throw this.#writingFailed(cause);
    }
  }

  #writingFailed(cause: unknown): FnloopError {
    return new FnloopError(
      'record-failed',
      `Cannot write to the run file ${this.path}: ${messageOf(cause)}.`,
      { cause },
    );
  }
}

async function rowsOf<T>(connection: DuckDBConnection, sql: string, path: string): Promise<T[]> {
  try {
    const reader = await connection.runAndReadAll(sql);
    return reader.getRowObjectsJS().map((row) => plain(row)) as T[];
  } catch (cause) {
    throw readingFailed(path, cause);
  }
}

async function blobsOf(connection: DuckDBConnection, sql: string, path: string): Promise<Uint8Array[]> {
  const blobs: Uint8Array[] = [];
  try {
    const result = await connection.stream(sql);
    for (
      let chunk = await result.fetchChunk();
      chunk !== null && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    ) {
      const column = chunk.getColumnVector(0);
      if (!(column instanceof DuckDBBlobVector))
        throw new FnloopError('invariant', 'The first column is no BLOB.');
      for (let row = 0; row < chunk.rowCount; row += 1) {
        const bytes = column.getItemBytes(row);
        if (bytes !== null) blobs.push(bytes);
      }
    }
    return blobs;
  } catch (cause) {
    throw readingFailed(path, cause);
  }
}

const readingFailed = (path: string, cause: unknown) =>
  new FnloopError('record-failed', `Cannot read the run file ${path}: ${messageOf(cause)}.`, { cause });

const tableDefinition = (name: TableName, as: string = name): string => {
  const columns = Object.entries(tables[name].columns).map(
    ([column, type]) => `${column} ${columnDefinition(type)}`,
  );
  return `CREATE TABLE ${as} (${columns.join(', ')})`;
};

const tableComment = (name: TableName): string => `COMMENT ON TABLE ${name} IS '${tables[name].comment}'`;

function columnDefinition(type: ColumnType): string {
  const base = type.replace('?', '').replace('WALL_NS', 'BIGINT');
  return type.endsWith('?') ? base : `${base} NOT NULL`;
}

function plain(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const small = (value: unknown) =>
    typeof value === 'bigint' && value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
      ? Number(value)
      : value;
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, small(value)]));
}
