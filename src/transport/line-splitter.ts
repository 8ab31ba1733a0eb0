/** Longest line that is passed on, in bytes without its newline: the largest line of FNP/1, and a carriage return. */
export const MAX_LINE_BYTES = 65_536 + 2;

/** How much of a line that is too long is shown in its place. */
const SHOWN_BYTES = 40;

const FEED = 0x0a;

/**
 * Bytes to lines, in bounded memory whatever comes.
 *
 * A line longer than MAX_LINE_BYTES is dropped as soon as it is known to be: a notice that ends in `]`,
 * which no checksum does, is passed on in its place, so that it is counted and logged like any bad line.
 * The next newline starts afresh. Empty lines say nothing and are left out; a tail without a newline is no line.
 */
export class LineSplitter {
  readonly #take: (line: string) => void;
  #pending = '';
  #isSkipping = false;

  /** `take` gets each line without its newline, one character a byte. */
  constructor(take: (line: string) => void) {
    this.#take = take;
  }

  /** Takes bytes as they come: split, merged, or in the middle of a line. */
  push(bytes: Buffer): void {
    let start = 0;
    for (let end = bytes.indexOf(FEED); end >= 0; end = bytes.indexOf(FEED, start)) {
      this.#append(bytes, start, end);
      this.#endLine();
      start = end + 1;
    }
    this.#append(bytes, start, bytes.length);
  }

  #append(bytes: Buffer, start: number, end: number): void {
    if (this.#isSkipping || start === end) return;
    const isTooLong = this.#pending.length + end - start > MAX_LINE_BYTES;
    this.#pending += bytes.toString('latin1', start, isTooLong ? Math.min(end, start + SHOWN_BYTES) : end);
    if (!isTooLong) return;
    const shown = this.#pending.slice(0, SHOWN_BYTES);
    this.#pending = '';
    this.#isSkipping = true;
    this.#take(`${shown} [dropped: more than ${MAX_LINE_BYTES} bytes without a newline]`);
  }

  #endLine(): void {
    const line = this.#pending;
    this.#pending = '';
    if (this.#isSkipping) this.#isSkipping = false;
    else if (line !== '' && line !== '\r') this.#take(line);
  }
}
