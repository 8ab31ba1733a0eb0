import type { Observable } from 'rxjs';
import type { Clock } from '../core/clock.ts';
import { type ClockEstimate, ClockSync, sampleIntervalMs } from './clock-sync.ts';
import type { TimedPong } from './link-news.ts';

export interface BoardClockParts {
  readonly clock: Clock;
  /** Boot of the board whose clock this is, as far as is known. */
  readonly bootNonce: () => number;
  readonly pongs$: Observable<TimedPong>;
  /** Asks for a PING. Its rejections are of no interest here: the link tells of them. */
  readonly ping: () => Promise<TimedPong>;
}

/**
 * The clock of a board that runs in real time, kept in step by PINGs: every answered one is a sample, and more
 * are asked for as `sampleIntervalMs` says. A board that starts anew begins anew here too. Ends with `pongs$`.
 */
export class BoardClock {
  readonly #parts: BoardClockParts;
  readonly #sync = new ClockSync();
  #bootNonce: number;
  #firstMs: number;
  #roundTripMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #hasEnded = false;

  constructor(parts: BoardClockParts) {
    this.#parts = parts;
    this.#bootNonce = parts.bootNonce();
    this.#firstMs = parts.clock.nowMs();
    parts.pongs$.subscribe({ next: (pong) => this.#take(pong), complete: () => this.#end() });
    this.#wait();
  }

  /** Board time at a host time (`Clock.nowMs`), us; undefined before the first sample of this boot. */
  boardTimeUsAt(hostMs: number): number | undefined {
    return this.#ofThisBoot?.boardTimeUsAt(hostMs);
  }

  /** Host time (`Clock.nowMs`) at a board time, ms; undefined before the first sample of this boot. */
  hostMsAt(boardTimeUs: number): number | undefined {
    return this.#ofThisBoot?.hostMsAt(boardTimeUs);
  }

  get estimate(): ClockEstimate | undefined {
    return this.#ofThisBoot?.estimate;
  }

  /** Nothing where the board has started anew since the last sample. */
  get #ofThisBoot(): ClockSync | undefined {
    return this.#bootNonce === this.#parts.bootNonce() ? this.#sync : undefined;
  }

  #take(pong: TimedPong): void {
    // The link knows of a later boot than this reply does.
    if (pong.bootNonce !== this.#parts.bootNonce()) return;
    if (pong.bootNonce !== this.#bootNonce) {
      this.#bootNonce = pong.bootNonce;
      this.#sync.reset();
      this.#firstMs = pong.receivedMs;
    }
    this.#sync.add(pong);
    this.#roundTripMs = pong.receivedMs - pong.sentMs;
  }

  #wait(): void {
    const { clock, ping } = this.#parts;
    const next = () => this.#wait();
    if (this.#hasEnded) return;
    this.#timer = setTimeout(
      () => void ping().then(next, next),
      sampleIntervalMs(clock.nowMs() - this.#firstMs, this.#roundTripMs),
    ).unref();
  }

  #end(): void {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
  }
}
