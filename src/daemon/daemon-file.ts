import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { replaceFile } from '../core/atomic-file.ts';
import { FnloopError } from '../core/errors.ts';
import { makeFolders } from '../core/files.ts';
import { isAlive, thisProcess } from '../core/process-identity.ts';
import { claim } from './claim.ts';
import { DAEMON_FILE, DAEMON_FOLDER } from './places.ts';

const content = z.object({
  pid: z.int().min(1),
  /** With it the id means one process only. */
  startedAs: z.string(),
  /** Where it serves; null where it does not. */
  address: z.string().nullable(),
  /** Addresses of its boards. */
  boards: z.array(z.string()),
});
/** The daemon that looks after a folder of runs. */
export type RunningDaemon = z.infer<typeof content>;

const fileIn = (runs: string) => join(runs, DAEMON_FOLDER, DAEMON_FILE);

/** The daemon of a folder of runs, where one is running; undefined otherwise, also where it left its file behind. */
export function runningDaemon(runs: string): RunningDaemon | undefined {
  const file = fileIn(runs);
  if (!existsSync(file)) return undefined;
  try {
    const daemon = content.parse(JSON.parse(readFileSync(file, 'utf8')));
    return isAlive(daemon) ? daemon : undefined;
  } catch {
    return undefined;
  }
}

/** Says who looks after a folder of runs. Throws `run-in-use` where another daemon does. */
export class DaemonFile {
  readonly #runs: string;

  constructor(runs: string) {
    const folder = join(runs, DAEMON_FOLDER);
    makeFolders(folder);
    const other = claim(folder);
    if (other !== undefined)
      throw new FnloopError('run-in-use', `Another daemon, process ${other.pid}, looks after ${runs}.`);
    this.#runs = runs;
  }

  write(daemon: Omit<RunningDaemon, 'pid' | 'startedAs'>): void {
    replaceFile(fileIn(this.#runs), `${JSON.stringify({ ...thisProcess(), ...daemon })}\n`);
  }

  remove(): void {
    rmSync(fileIn(this.#runs), { force: true });
  }
}
