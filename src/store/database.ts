import { type DuckDBAppender, type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { alsoFailed, FnloopError, messageOf } from '../core/errors.ts';
import { type ColumnType, type Row, type TableName, tableNames, tables } from './tables.ts';

/** A run file's DuckDB database, typed by the declared tables. */
export class Database {
  readonly path: string;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #appenders = new Map<TableName, DuckDBAppender>();

  private constructor(path: string, instance: DuckDBInstance, connection: DuckDBConnection) {
    this.path = path;
    this.#instance = instance;
    this.#connection = connection;
  }

  /** Creates the file with all tables. Rejects with `record-failed`. */
  static async create(path: string): Promise<Database> {
    const database = await Database.#open(path, 'READ_WRITE');
    for (const name of tableNames) {
      const columns = Object.entries(tables[name].columns).map(
        ([column, type]) => `${column} ${columnDefinition(type)}`,
      );
      await database.#write(`CREATE TABLE ${name} (${columns.join(', ')})`);
      await database.#write(`COMMENT ON TABLE ${name} IS '${tables[name].comment}'`);
    }
    return database;
  }

  /** Opens a file to read it. Rejects with `record-failed`, or `run-in-use` while another process writes it. */
  static read(path: string): Promise<Database> {
    return Database.#open(path, 'READ_ONLY');
  }

  static async #open(path: string, accessMode: 'READ_ONLY' | 'READ_WRITE'): Promise<Database> {
    try {
      const instance = await DuckDBInstance.create(path, { access_mode: accessMode, threads: '2' });
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

  /** Appends rows to several tables in one transaction: all of them are on disk when it resolves, or none. */
  async append(rows: { readonly [Name in TableName]?: readonly Row<Name>[] }): Promise<void> {
    await this.#write('BEGIN');
    try {
      for (const name of tableNames) {
        const added = rows[name];
        if (added !== undefined && added.length > 0) await this.#appendTo(name, added);
      }
      await this.#connection.run('COMMIT');
    } catch (cause) {
      for (const appender of this.#appenders.values()) appender.clear();
      await this.#connection.run('ROLLBACK').catch((later: unknown) => {
        // A COMMIT that failed has taken itself back.
        if (messageOf(later).includes('no transaction is active')) return;
        throw alsoFailed(this.#writingFailed(cause), 'The transaction could not be taken back', later);
      });
      throw this.#writingFailed(cause);
    }
  }

  /** Runs a query and returns its rows as plain objects; integers beyond 2^53 arrive as bigint. */
  async query<T>(sql: string): Promise<T[]> {
    try {
      const reader = await this.#connection.runAndReadAll(sql);
      return reader.getRowObjectsJS().map((row) => plain(row)) as T[];
    } catch (cause) {
      throw new FnloopError('record-failed', `Cannot read the run file ${this.path}: ${messageOf(cause)}.`, {
        cause,
      });
    }
  }

  close(): void {
    for (const appender of this.#appenders.values()) appender.closeSync();
    this.#connection.closeSync();
    this.#instance.closeSync();
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

  async #appendTo(name: TableName, rows: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
    const appender = this.#appenders.get(name) ?? (await this.#connection.createAppender(name));
    this.#appenders.set(name, appender);
    const columns = Object.entries<ColumnType>(tables[name].columns);
    for (const row of rows) {
      for (const [column, type] of columns) appendValue(appender, type, row[column]);
      appender.endRow();
    }
    appender.flushSync();
  }
}

function columnDefinition(type: ColumnType): string {
  const base = type.replace('?', '').replace('WALL_NS', 'BIGINT');
  return type.endsWith('?') ? base : `${base} NOT NULL`;
}

function appendValue(appender: DuckDBAppender, type: ColumnType, value: unknown): void {
  if (value === null) appender.appendNull();
  else if (typeof value === 'string') appender.appendVarchar(value);
  else if (typeof value === 'bigint') appender.appendBigInt(value);
  else if (typeof value !== 'number')
    throw new TypeError(`a value of type ${typeof value} has no column type`);
  else if (type.startsWith('DOUBLE')) appender.appendDouble(value);
  else if (type.startsWith('BIGINT')) appender.appendBigInt(BigInt(value));
  else appender.appendInteger(value);
}

function plain(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const small = (value: unknown) =>
    typeof value === 'bigint' && value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
      ? Number(value)
      : value;
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, small(value)]));
}
