const FEED = '\n';

/** Bytes as they come (split, merged, in the middle of a line) to lines without their newline. */
export class LineBuffer {
  readonly #maxBytes: number;
  #pending = '';
  #isOverlong = false;
  #clears = 0;

  /** `maxBytes` is the longest line, newline included. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Hands over each line that is now complete, undefined for one that was too long. */
  take(bytes: string, onLine: (line: string | undefined) => void): void {
    const clears = this.#clears;
    let from = 0;
    for (let end = bytes.indexOf(FEED); end >= 0; end = bytes.indexOf(FEED, from)) {
      const line = this.#pending + bytes.slice(from, end);
      const isOverlong = this.#isOverlong || line.length >= this.#maxBytes;
      this.#pending = '';
      this.#isOverlong = false;
      from = end + 1;
      onLine(isOverlong ? undefined : line);
      // The rest of these bytes was pending too when `onLine` cleared.
      if (clears !== this.#clears) return;
    }
    this.#pending += bytes.slice(from);
    if (this.#pending.length >= this.#maxBytes) {
      this.#pending = '';
      this.#isOverlong = true;
    }
  }

  /** Forgets what has come of a line. */
  clear(): void {
    this.#pending = '';
    this.#isOverlong = false;
    this.#clears += 1;
  }
}
