import { join } from 'node:path';
import { Database, type Reader } from './database.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { RUN_FILE } from './run-folder.ts';
import type { Row } from './tables.ts';

/** What a spool may add to the file: how far it has been taken, and what was refused. */
export interface ShippingRows {
  readonly shipped?: readonly Row<'shipped'>[];
  readonly set_aside?: readonly Row<'set_aside'>[];
}

/** A second one has little to do, and takes a quarter more time of the processor for it. */
const THREADS = 1;
/** Of more, most would go to blocks of the file that nobody reads again: memory would grow with the file. */
const MEMORY = '128MB';

/**
 * The committed rows of a run file, by a connection of its own: a query waits for no commit, and no commit for a query.
 * Rows of a table are only ever added, so that their row ids count them from 0.
 */
export class Spool {
  readonly manifest: Manifest;
  readonly #database: Database;
  readonly #reader: Reader;
  readonly #ownsDatabase: boolean;

  private constructor(manifest: Manifest, database: Database, reader: Reader, ownsDatabase: boolean) {
    this.manifest = manifest;
    this.#database = database;
    this.#reader = reader;
    this.#ownsDatabase = ownsDatabase;
  }

  /** Opens the file of a run that nobody writes any more. Rejects with `run-in-use` or `record-failed`. */
  static async open(folder: string): Promise<Spool> {
    const database = await Database.write(join(folder, RUN_FILE), THREADS);
    try {
      // Not before: after a crash the file is opened with all of its log in memory.
      await database.query(`SET memory_limit = '${MEMORY}'`);
      return new Spool(await readManifest(database), database, await database.reader(), true);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** Opens one beside whoever writes the file in this process; the manifest must be there. */
  static async beside(database: Database): Promise<Spool> {
    return new Spool(await readManifest(database), database, await database.reader(), false);
  }

  query<T>(sql: string): Promise<T[]> {
    return this.#reader.query<T>(sql);
  }

  /** What is in the first column, BLOB, of a query's rows. */
  blobs(sql: string): Promise<Uint8Array[]> {
    return this.#reader.blobs(sql);
  }

  /** Resolves once the rows are on disk; they may share a commit with others. */
  add(rows: ShippingRows): Promise<void> {
    return this.#database.append(rows);
  }

  /** Forgets which points a target has refused, to try them again. */
  async forgetSetAside(target: string): Promise<void> {
    await this.#reader.query(`DELETE FROM set_aside WHERE target = '${target.replaceAll("'", "''")}'`);
  }

  close(): void {
    this.#reader.close();
    if (this.#ownsDatabase) this.#database.close();
  }
}
