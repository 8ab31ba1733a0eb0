import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { replaceFile } from '../core/atomic-file.ts';
import { FnloopError, messageOf } from '../core/errors.ts';
import { makeFolders } from '../core/files.ts';
import { DAEMON_FOLDER } from './places.ts';

const kept = z.strictObject({ id: z.string().min(1), board: z.string().min(1), reason: z.string() });
/** A loan as it outlives the daemon: whoever has the board goes on meanwhile. */
export type KeptLoan = z.infer<typeof kept>;

/** The loans of a folder of runs. */
export class LoanFile {
  readonly #file: string;

  constructor(runs: string) {
    makeFolders(join(runs, DAEMON_FOLDER));
    this.#file = join(runs, DAEMON_FOLDER, 'loans.json');
  }

  /** None where the file is damaged: its boards are then connected to, as those of loans that ran out are. */
  read(): readonly KeptLoan[] {
    if (!existsSync(this.#file)) return [];
    try {
      return z.array(kept).parse(JSON.parse(readFileSync(this.#file, 'utf8')));
    } catch {
      return [];
    }
  }

  /** Throws `record-failed`. */
  write(loans: readonly KeptLoan[]): void {
    try {
      replaceFile(this.#file, `${JSON.stringify(loans)}\n`);
    } catch (cause) {
      throw new FnloopError('record-failed', `Cannot write ${this.#file}: ${messageOf(cause)}.`, { cause });
    }
  }
}
