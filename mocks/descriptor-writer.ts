import { writeSync } from 'node:fs';

/** Pause before a full terminal is tried again, ms; its buffer of 4 KB allows 4 MB a second. */
const PAUSE_MS = 1;

/**
 * Writes to a non-blocking descriptor without ever waiting in it. Node's own stream for a terminal's master blocks the
 * whole process while the terminal is full, for ever where the reader lives in the same process.
 */
export class DescriptorWriter {
  readonly #descriptor: number;
  #waiting: Buffer[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  write(bytes: string): void {
    if (this.#isClosed) return;
    this.#waiting.push(Buffer.from(bytes, 'latin1'));
    if (this.#timer === undefined) this.#flush();
  }

  /** What was not written yet is lost, as on a wire that is pulled out. */
  close(): void {
    this.#isClosed = true;
    this.#waiting = [];
    clearTimeout(this.#timer);
  }

  #flush(): void {
    this.#timer = undefined;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const written = this.#tryWrite(next);
      if (written === next.length) this.#waiting.shift();
      else {
        this.#waiting[0] = next.subarray(written);
        this.#timer = setTimeout(() => this.#flush(), PAUSE_MS);
        return;
      }
    }
  }

  #tryWrite(bytes: Buffer): number {
    try {
      return writeSync(this.#descriptor, bytes);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0;
      throw error;
    }
  }
}
