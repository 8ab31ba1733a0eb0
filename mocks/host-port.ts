import { LineBuffer } from './line-buffer.ts';
import type { WireEnd } from './wire-end.ts';

/** One host's connection to a board: its bytes become lines of their own, and replies find back to it. */
export class HostPort implements WireEnd {
  onSend: (bytes: string) => void = () => {};
  readonly #received: LineBuffer;
  readonly #onLine: (line: string | undefined, port: HostPort) => void;

  constructor(maxBytes: number, onLine: (line: string | undefined, port: HostPort) => void) {
    this.#received = new LineBuffer(maxBytes);
    this.#onLine = onLine;
  }

  /** Takes bytes as they come: split, merged, or in the middle of a line. */
  receive(bytes: string): void {
    this.#received.take(bytes, (line) => this.#onLine(line, this));
  }

  /** Forgets what has come of a line. */
  clear(): void {
    this.#received.clear();
  }
}
