import { resolve } from 'node:path';
import { Database } from './database.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { RUN_FILE } from './run-folder.ts';
import type { Row, TableName } from './tables.ts';

/** A finished or cut-off run file, opened to read. */
export class RunReader {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly #database: Database;

  private constructor(folder: string, manifest: Manifest, database: Database) {
    this.folder = folder;
    this.manifest = manifest;
    this.#database = database;
  }

  /** Opens the run in a folder. Rejects with `run-in-use`, or with `record-failed` when it is damaged or of another schema. */
  static async open(folder: string): Promise<RunReader> {
    const path = resolve(folder, RUN_FILE);
    const database = await Database.read(path);
    try {
      const manifest = await readManifest(database);
      return new RunReader(resolve(folder), manifest, database);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** Opens a run, hands it to `use`, and closes it whatever happens. */
  static async with<T>(folder: string, use: (run: RunReader) => Promise<T>): Promise<T> {
    const run = await RunReader.open(folder);
    try {
      return await use(run);
    } finally {
      run.close();
    }
  }

  get file(): string {
    return this.#database.path;
  }

  /** All rows of a table in the order they were written. */
  rows<Name extends TableName>(table: Name): Promise<Row<Name>[]> {
    return this.#database.query<Row<Name>>(`SELECT * FROM ${table} ORDER BY rowid`);
  }

  query<T>(sql: string): Promise<T[]> {
    return this.#database.query<T>(sql);
  }

  /** What is in the first column, BLOB, of a query's rows. */
  blobs(sql: string): Promise<Uint8Array[]> {
    return this.#database.blobs(sql);
  }

  /** A query's rows, some thousands at a time, by column: for tables that are too large to hold. */
  columns(sql: string): AsyncGenerator<readonly (readonly unknown[])[]> {
    return this.#database.columns(sql);
  }

  close(): void {
    this.#database.close();
  }
}
