import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { type Clock, systemClock } from '../core/clock.ts';
import { FnloopError, messageOf } from '../core/errors.ts';
import { spellHeader, spellRecord, type WireRecord } from './wire-log-format.ts';

/** Past this the log is given up: it must neither slow the link nor fill the memory. */
const MAX_BUFFERED_BYTES = 64 * 2 ** 20;

/** A text file of every line on the wire, both ways, with times; its form is that of wire-log-format.ts. */
export class WireLog {
  readonly #file: string;
  readonly #stream: Writable;
  readonly #clock: Clock;
  readonly #startedMs: number;
  #failure: unknown;
  #isClosed = false;

  /** A log of one board, named `file` in messages, written to a stream. */
  constructor(file: string, stream: Writable, address: string, clock: Clock) {
    this.#file = file;
    this.#stream = stream;
    this.#clock = clock;
    this.#startedMs = clock.nowMs();
    stream.on('error', (error) => this.#fail(error));
    stream.write(spellHeader(address, new Date(Number(clock.wallNs() / 1_000_000n))));
  }

  /** Begins a log in a new file. Rejects with `record-failed`, also where the file exists: a log is never overwritten. */
  static async open(file: string, address: string, clock: Clock = systemClock): Promise<WireLog> {
    const stream = createWriteStream(file, { flags: 'wx' });
    try {
      await once(stream, 'open');
    } catch (cause) {
      throw new FnloopError('record-failed', `Cannot begin the wire log ${file}: ${messageOf(cause)}.`, {
        cause,
      });
    }
    return new WireLog(file, stream, address, clock);
  }

  /** Adds a record with the present time. Never waits and never throws; what fails is told by `close`. */
  add(record: WireRecord): void {
    if (this.#isClosed || this.#failure !== undefined) return;
    const elapsedUs = Math.round((this.#clock.nowMs() - this.#startedMs) * 1e3);
    this.#stream.write(spellRecord(elapsedUs, record), 'latin1');
    if (this.#stream.writableLength > MAX_BUFFERED_BYTES) {
      this.#fail(new Error(`${this.#stream.writableLength} bytes wait to be written`));
    }
  }

  /** Writes what is buffered and closes the file. Rejects once with `record-failed` where anything could not be written. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#failure === undefined) {
      this.#stream.end();
      await finished(this.#stream).catch((error: unknown) => this.#fail(error));
    }
    if (this.#failure === undefined) return;
    throw new FnloopError(
      'record-failed',
      `The wire log ${this.#file} is incomplete: ${messageOf(this.#failure)}.`,
      { cause: this.#failure },
    );
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#stream.destroy();
  }
}
