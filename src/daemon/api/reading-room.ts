import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { FnloopError, messageOf } from '../../core/errors.ts';
import { receivedError } from '../sent-errors.ts';
import type { Read, Reading } from './reading-thread.ts';

/** What the thread runs, as the build leaves it. */
export const readingThread: string = join(import.meta.dirname, 'reading-thread.js');

/** Nothing that is let in takes a tenth of it. */
const WITHIN_MS = 5_000;
const MOST_WAITING = 64;
const MEMORY_MB = 256;

interface Asked {
  readonly reading: Reading;
  resolve(value: unknown): void;
  reject(error: FnloopError): void;
}

/** A thread that reads what others wrote: the event loop, which answers SAFE, waits for none of it. Begins with the first question. */
export class ReadingRoom {
  readonly #entry: string;
  readonly #withinMs: number;
  readonly #waiting: Asked[] = [];
  #thread: Worker | undefined;
  #current: Asked | undefined;
  #deadline: NodeJS.Timeout | undefined;

  constructor(entry: string, withinMs = WITHIN_MS) {
    this.#entry = entry;
    this.#withinMs = withinMs;
  }

  /**
   * The checked body of a route, or a calibration without its points. Rejects with `config-invalid` or as `openCalibration`, and with
   * `too-many` where many wait, or it takes more time or memory than anything that is let in.
   */
  read(reading: Reading): Promise<unknown> {
    if (this.#waiting.length >= MOST_WAITING)
      return Promise.reject(new FnloopError('too-many', 'The daemon has too much to read: ask later.'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ reading, resolve, reject });
      this.#next();
    });
  }

  async close(): Promise<void> {
    for (const asked of this.#waiting.splice(0)) asked.reject(tooMuch('the daemon ends'));
    await this.#end('the daemon ends');
  }

  #next(): void {
    if (this.#current !== undefined) return;
    this.#current = this.#waiting.shift();
    if (this.#current === undefined) return;
    this.#thread ??= this.#started();
    this.#thread.postMessage(this.#current.reading);
    this.#deadline = setTimeout(
      () => void this.#end(`it took more than ${this.#withinMs / 1e3} s`),
      this.#withinMs,
    );
  }

  #started(): Worker {
    const thread = new Worker(this.#entry, { resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB } });
    // A daemon that ends does not wait for it.
    thread.unref();
    thread.on('message', (read: Read) => {
      if (this.#thread !== thread) return;
      if ('error' in read) this.#settle((asked) => asked.reject(receivedError(read.error)));
      else this.#settle((asked) => asked.resolve(read.value));
    });
    // It is gone by then: out of memory, most likely.
    thread.once('error', (error) => {
      if (this.#thread === thread) void this.#end(messageOf(error));
    });
    return thread;
  }

  /** Ends the thread, and whatever it was at; the next question begins another. */
  async #end(why: string): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    this.#settle((asked) => asked.reject(tooMuch(why)));
    await thread?.terminate();
  }

  #settle(tell: (asked: Asked) => void): void {
    clearTimeout(this.#deadline);
    const asked = this.#current;
    this.#current = undefined;
    if (asked !== undefined) tell(asked);
    this.#next();
  }
}

const tooMuch = (why: string) => new FnloopError('too-many', `The daemon could not read this: ${why}.`);
