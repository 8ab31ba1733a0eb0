import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { anyHost } from '../board/arming.ts';
import type { NotedRests } from '../board/rest-watch.ts';
import { replaceFile } from '../core/atomic-file.ts';
import { FnloopError, messageOf } from '../core/errors.ts';
import { makeFolders } from '../core/files.ts';
import { DAEMON_FOLDER } from './places.ts';

const kept = z.strictObject({
  /** Why it is to rest until a person says go on; null where it may work. */
  reason: z.string().nullable(),
  /** What a person knew of when saying so last, or when the daemon was given the board; null of a board that tells no count. */
  noted: z.strictObject({ bootNonce: z.int(), rests: z.int() }).nullable(),
});
const content = z.strictObject({
  /** The number that all processes of this folder's daemons give on the wire. */
  host: z.int().min(1),
  boards: z.record(z.string(), kept),
});

/**
 * What brought boards to rest, and which of it a person knows of: also over a restart of the daemon, since somebody may say SAFE while no
 * process of it is connected.
 */
export class RestFile {
  readonly host: number;
  readonly #file: string;
  readonly #boards: Map<string, z.infer<typeof kept>>;
  /** Why nobody can tell which boards are to rest, so that all do; undefined where the file can be read. */
  readonly #damage: string | undefined;

  constructor(runs: string) {
    makeFolders(join(runs, DAEMON_FOLDER));
    this.#file = join(runs, DAEMON_FOLDER, 'rests.json');
    const read = contentOf(this.#file);
    this.host = typeof read === 'string' ? anyHost() : read.host;
    this.#boards = new Map(typeof read === 'string' ? [] : Object.entries(read.boards));
    this.#damage = typeof read === 'string' ? read : undefined;
  }

  /** Why a board is to rest; null where it may work. */
  reasonFor(board: string): string | null {
    return this.#boards.has(board) ? (this.#boards.get(board)?.reason ?? null) : (this.#damage ?? null);
  }

  /** Undefined for a board that this daemon was not given before. */
  notedOf(board: string): NotedRests | null | undefined {
    return this.#boards.get(board)?.noted;
  }

  /** Throws `record-failed`. */
  keep(board: string, change: { readonly reason?: string | null; readonly noted?: NotedRests | null }): void {
    const before = { reason: this.reasonFor(board), noted: this.notedOf(board) ?? null };
    this.#boards.set(board, { ...before, ...change });
    try {
      const text = JSON.stringify({ host: this.host, boards: Object.fromEntries(this.#boards) });
      replaceFile(this.#file, `${text}\n`);
    } catch (cause) {
      throw new FnloopError('record-failed', `Cannot write ${this.#file}: ${messageOf(cause)}.`, { cause });
    }
  }
}

function contentOf(file: string): z.infer<typeof content> | string {
  if (!existsSync(file)) return { host: anyHost(), boards: {} };
  try {
    return content.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return `The record of boards at rest, ${file}, is damaged: this one may be to rest.`;
  }
}
