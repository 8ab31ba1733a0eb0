const FEED = '\n';
/** What has no newline for so long is handed on as it is. */
const MAX_PENDING_BYTES = 65_536;

/** Bytes as they come to whole lines with their newline, bytes unchanged. */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  #pending = '';
  #clears = 0;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  take(bytes: string): void {
    const clears = this.#clears;
    let from = 0;
    for (let end = bytes.indexOf(FEED); end >= 0; end = bytes.indexOf(FEED, from)) {
      const line = this.#pending + bytes.slice(from, end + 1);
      this.#pending = '';
      from = end + 1;
      this.#onLine(line);
      if (clears !== this.#clears) return;
    }
    this.#pending += bytes.slice(from);
    if (this.#pending.length < MAX_PENDING_BYTES) return;
    const endless = this.#pending;
    this.#pending = '';
    this.#onLine(endless);
  }

  /** Loses an unfinished line. */
  clear(): void {
    this.#pending = '';
    this.#clears += 1;
  }
}
