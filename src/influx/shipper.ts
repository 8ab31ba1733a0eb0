import type { Clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import type { Random } from '../core/random.ts';
import type { Spool } from '../store/spool.ts';
import { BackOff } from './back-off.ts';
import { type Chunk, ChunkReader, committedRows, rowsWaiting } from './chunks.ts';
import { halvesOf, type Lines, lineOf } from './line-texts.ts';
import { Logbook } from './logbook.ts';
import { PostSize } from './post-size.ts';
import type { WriteEndpoint } from './write-endpoint.ts';

export interface ShipperParts {
  readonly spool: Spool;
  readonly endpoint: WriteEndpoint;
  /** Name of the target, under which the run file keeps its place. */
  readonly target: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Resolves after so long, or early when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Told when points stop arriving, and when they arrive again. */
  readonly onNews?: (news: ShippingNews) => void;
  /** From the first row, whatever has arrived or was refused before. */
  readonly again?: boolean;
  readonly rowsAtMost?: number;
}

export type ShippingNews =
  | { readonly kind: 'held-up'; readonly reason: string }
  | { readonly kind: 'flowing' }
  /** Nothing more is shipped by this process: the run file cannot be read or written. */
  | { readonly kind: 'failed'; readonly reason: string };

/** How shipping stands while it goes on. */
export interface Standing {
  /** Rows that are committed and not known to have arrived. */
  readonly waiting: number;
  /** For how long the database has taken nothing that it was offered, ms; null while it takes points. */
  readonly awayMs: number | null;
}

/** What is read at a time, a post: more would be memory, less would have the query planned more often. */
const ROWS_AT_MOST = 8192;
const LOOK_EVERY_MS = 250;

/**
 * Takes the committed rows of a run to a database, in the order they were written, several posts under way at once. The
 * place in the run file moves only after the database has said that it stored what is before it, so that whatever dies,
 * points are sent twice at most and never lost; points sent twice are the same point.
 */
export class Shipper {
  readonly #parts: ShipperParts;
  readonly #logbook: Logbook;
  readonly #reader: ChunkReader;
  readonly #backOff: BackOff;
  readonly #postSize = new PostSize();
  readonly #stopping = new AbortController();
  /** Chunks are read one at a time. */
  #reading: Promise<unknown> = Promise.resolve();
  #isFollowing = true;
  #reason: string | null = null;
  #heldUpAtMs = 0;
  #stored = 0;
  #lastStoredMs: number;

  private constructor(parts: ShipperParts, logbook: Logbook) {
    this.#parts = parts;
    this.#logbook = logbook;
    this.#reader = new ChunkReader(parts.spool, logbook.places, parts.rowsAtMost ?? ROWS_AT_MOST);
    this.#backOff = new BackOff(parts.random);
    this.#lastStoredMs = parts.clock.nowMs();
  }

  static async open(parts: ShipperParts): Promise<Shipper> {
    const logbook = await Logbook.open(parts);
    return new Shipper(parts, parts.again === true ? await logbook.forget() : logbook);
  }

  /** Ships what there is and what comes, until told to finish or to stop. Never rejects: see `reason`. */
  async run(): Promise<void> {
    try {
      // One more than posts under way, which has the next chunk ready.
      const workers = this.#parts.endpoint.inFlight + 1;
      await Promise.all(Array.from({ length: workers }, () => this.#work()));
      await this.#logbook.save();
    } catch (failure) {
      this.stop();
      this.#reason = messageOf(failure);
      this.#heldUpAtMs = this.#parts.clock.nowMs();
      this.#parts.onNews?.({ kind: 'failed', reason: this.#reason });
    }
  }

  /** Nothing more comes: `run` ends once all that is committed has arrived. */
  finish(): void {
    this.#isFollowing = false;
  }

  /** Ends `run` now; posts under way are given up, and go out again another time. */
  stop(): void {
    this.#stopping.abort();
  }

  /** How long ago the last points were stored, ms. */
  get sinceStoredMs(): number {
    return this.#parts.clock.nowMs() - this.#lastStoredMs;
  }

  /** Points that this process has shipped. */
  get stored(): number {
    return this.#stored;
  }

  /** Why nothing is stored at present; null where nothing is amiss. */
  get reason(): string | null {
    return this.#reason;
  }

  get isFlowing(): boolean {
    return this.#reason === null;
  }

  async standing(): Promise<Standing> {
    const { spool, clock } = this.#parts;
    const committed = await committedRows(spool);
    return {
      waiting: rowsWaiting(committed, this.#logbook.places),
      awayMs: this.isFlowing ? null : clock.nowMs() - this.#heldUpAtMs,
    };
  }

  async #work(): Promise<void> {
    const { wait } = this.#parts;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const chunk = await this.#nextChunk();
      if (chunk === undefined) {
        if (!this.#isFollowing) return;
        await this.#logbook.save();
        await wait(LOOK_EVERY_MS, signal);
      } else if (chunk.lines.length === 0 || (await this.#deliver(chunk, chunk.lines))) {
        this.#stored += chunk.points;
        await this.#logbook.took(chunk);
      }
    }
  }

  #nextChunk(): Promise<Chunk | undefined> {
    const chunk = this.#reading.then(() => this.#reader.next());
    this.#reading = chunk.catch(() => {});
    return chunk;
  }

  /** True once every line is stored or set aside; false when stopped before. */
  async #deliver(chunk: Chunk, lines: Lines): Promise<boolean> {
    for (let sent = 0; sent < lines.length; ) {
      const post = lines.slice(sent, sent + this.#postSize.texts);
      if (!(await this.#post(chunk, post))) return false;
      sent += post.length;
    }
    return true;
  }

  async #post(chunk: Chunk, lines: Lines): Promise<boolean> {
    const { endpoint, wait } = this.#parts;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const answer = await endpoint.write(lines, signal);
      if (signal.aborted && answer.kind !== 'stored') return false;
      switch (answer.kind) {
        case 'stored':
          this.#postSize.stored();
          this.#flows();
          return true;
        case 'refused':
          this.#flows();
          if (answer.isTooLarge === true) this.#postSize.tooLarge(lines.length);
          return this.#postParts(chunk, lines, answer.reason);
        case 'unavailable':
          this.#heldUp(answer.reason);
          this.#postSize.failed();
          await wait(this.#backOff.failedMs(answer.retryAfterMs), signal);
          if (lines.length > this.#postSize.texts) return this.#deliver(chunk, lines);
      }
    }
    return false;
  }

  /** Some of the lines are at fault: half by half, down to those that are. All others are stored again, which changes nothing. */
  async #postParts(chunk: Chunk, lines: Lines, reason: string): Promise<boolean> {
    const halves = halvesOf(lines);
    if (halves === undefined) {
      const line = lineOf(lines);
      await this.#logbook.setAside({ measurement: chunk.measurement.name, line, reason });
      this.#stored -= 1;
      return true;
    }
    for (const half of halves) if (!(await this.#post(chunk, half))) return false;
    return true;
  }

  #flows(): void {
    this.#backOff.succeeded();
    this.#lastStoredMs = this.#parts.clock.nowMs();
    if (this.#reason === null) return;
    this.#reason = null;
    this.#parts.onNews?.({ kind: 'flowing' });
  }

  #heldUp(reason: string): void {
    const isNew = this.#reason === null;
    this.#reason = reason;
    if (!isNew) return;
    this.#heldUpAtMs = this.#parts.clock.nowMs();
    this.#parts.onNews?.({ kind: 'held-up', reason });
  }
}
