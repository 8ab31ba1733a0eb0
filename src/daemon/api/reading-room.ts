import { join } from 'node:path';
import { Tinypool } from 'tinypool';
import { FnloopError } from '../../core/errors.ts';
import { receivedError } from '../sent-errors.ts';
import type { BodyTask, Read } from './reading-thread.ts';

/** What the thread runs, as the build leaves it. */
export const readingThread: string = join(import.meta.dirname, 'reading-thread.js');

/** Nothing that is let in takes a tenth of it. */
const WITHIN_MS = 5_000;
const MOST_WAITING = 64;
const MEMORY_MB = 256;
const IDLE_MS = 600_000;

/** A thread that reads what others wrote: the event loop, which answers SAFE, waits for none of it. Begins with the first question. */
export class ReadingRoom {
  readonly #pool: Tinypool;

  constructor(entry: string) {
    this.#pool = new Tinypool({
      filename: entry,
      runtime: 'worker_threads',
      minThreads: 0,
      maxThreads: 1,
      maxQueue: MOST_WAITING,
      idleTimeout: IDLE_MS,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    });
  }

  /** The checked body of a route. Rejects with `config-invalid`, or `too-many` where it takes too long or too many wait. */
  body(task: BodyTask): Promise<unknown> {
    return this.#ask('body', task);
  }

  /** What a calibration says, without its points. Rejects as `openCalibration`. */
  calibration(file: string): Promise<unknown> {
    return this.#ask('calibration', file);
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }

  async #ask(name: 'body' | 'calibration', task: unknown): Promise<unknown> {
    const signal = AbortSignal.timeout(WITHIN_MS);
    const read: Read = await this.#pool.run(task, { name, signal }).catch((cause: unknown) => {
      const isFull = cause instanceof Error && /queue is at limit/.test(cause.message);
      if (!isFull && !signal.aborted) throw cause;
      throw new FnloopError('too-many', 'The daemon has too much to read: ask later.', { cause });
    });
    if ('error' in read) throw receivedError(read.error);
    return read.value;
  }
}
