import { resolve } from 'node:path';
import type { Device } from '../../calibration/devices.ts';
import type { WeightSign } from '../../calibration/physics/cell.ts';
import type { LinkStatistics } from '../board/link-statistics.ts';
import type { BoardIdentity } from '../board/types.ts';
import type { Experiment } from '../config/experiment.ts';
import { FnloopError } from '../core/errors.ts';
import { Database } from './database.ts';
import type { RunStatus } from './run-file.ts';
import { RUN_FILE } from './run-folder.ts';
import { type Row, SCHEMA_VERSION, type TableName } from './tables.ts';

/** What a run says of itself. Keys that its end would have written are absent from one that was cut off. */
export interface Manifest {
  readonly schemaVersion: number;
  readonly runId: string;
  readonly status: RunStatus;
  readonly source: 'board' | 'mock';
  readonly software: { readonly version: string; readonly commit: string | null; readonly node: string };
  readonly experiment: Experiment;
  readonly device: Device;
  readonly board: { readonly address: string; readonly identity: BoardIdentity };
  readonly features: readonly string[];
  readonly classes: readonly string[];
  readonly startedWallNs: string;
  readonly endedWallNs?: string;
  readonly weightSign?: WeightSign;
  readonly failure?: string;
  readonly link?: LinkStatistics;
}

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
      const rows = await database.query<Row<'manifest'>>(
        'SELECT key, arg_max(value, rowid) AS value FROM manifest GROUP BY key',
      );
      const manifest = Object.fromEntries(
        rows.map(({ key, value }) => [key, JSON.parse(value)]),
      ) as unknown as Manifest;
      if (manifest.schemaVersion !== SCHEMA_VERSION) {
        throw new FnloopError(
          'record-failed',
          `The run file ${path} has schema version ${manifest.schemaVersion ?? 'none'}, this fnloop reads ${SCHEMA_VERSION}.`,
        );
      }
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

  close(): void {
    this.#database.close();
  }
}
