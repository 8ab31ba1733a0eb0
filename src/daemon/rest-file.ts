import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { replaceFile } from '../core/atomic-file.ts';
import { FnloopError, messageOf } from '../core/errors.ts';
import { makeFolders } from '../core/files.ts';
import { DAEMON_FOLDER } from './places.ts';

const content = z.record(z.string(), z.string());

/** Boards that somebody brought to rest, and why, until a person says go on: also over a restart of the daemon. */
export class RestFile {
  readonly #file: string;
  readonly #reasons: Map<string, string>;
  /** Why nobody can tell which boards are to rest, so that all do; undefined where the file can be read. */
  readonly #damage: string | undefined;

  constructor(runs: string) {
    makeFolders(join(runs, DAEMON_FOLDER));
    this.#file = join(runs, DAEMON_FOLDER, 'rests.json');
    const read = contentOf(this.#file);
    this.#reasons = new Map(typeof read === 'string' ? [] : Object.entries(read));
    this.#damage = typeof read === 'string' ? read : undefined;
  }

  /** Why a board is to rest; null where it may work. */
  reasonFor(board: string): string | null {
    return this.#reasons.get(board) ?? this.#damage ?? null;
  }

  /** Throws `record-failed`. */
  keep(board: string, reason: string | null): void {
    if (reason === null) this.#reasons.delete(board);
    else this.#reasons.set(board, reason);
    try {
      replaceFile(this.#file, `${JSON.stringify(Object.fromEntries(this.#reasons))}\n`);
    } catch (cause) {
      throw new FnloopError('record-failed', `Cannot write ${this.#file}: ${messageOf(cause)}.`, { cause });
    }
  }
}

function contentOf(file: string): Readonly<Record<string, string>> | string {
  if (!existsSync(file)) return {};
  try {
    return content.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return `The record of boards at rest, ${file}, is damaged: this one may be to rest.`;
  }
}
