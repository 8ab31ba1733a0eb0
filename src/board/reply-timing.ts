/** What is known of the time that a request needs. */
export interface Work {
  /** Time that the board needs for the work itself, ms. */
  readonly workMs?: number;
  /** Length of the longest reply, bytes. */
  readonly replyBytes?: number;
}

const FIRST_MARGIN_MS = 2_000;
/** A busy host is late itself: a question asked again for nothing costs board time and changes the noise that follows. */
const LEAST_MARGIN_MS = 1_000;
const MOST_MARGIN_MS = 5_000;
const SHORT_REPLY_BYTES = 256;

/**
 * When replies are due. The wire in both directions and the board are each busy with one thing at a time,
 * so every request waits for those before it; on top comes a margin that follows the replies' own lateness
 * as RFC 6298 does for round trips: smoothed mean and four mean deviations, doubled after a timeout.
 */
export class ReplyTiming {
  readonly #bytesPerMs: number;
  #sentAtMs = 0;
  #workedAtMs = 0;
  #answeredAtMs = 0;
  /** How much sooner than these three say all is done: replies have come sooner than planned. */
  #aheadMs = 0;
  #meanMs: number | undefined;
  #deviationMs = 0;
  #backOff = 1;

  constructor(bytesPerS: number) {
    this.#bytesPerMs = bytesPerS / 1e3;
  }

  /** Takes note of a request that leaves now; returns when its reply is planned, which `dueMs` turns into a time. */
  expect(nowMs: number, requestBytes: number, { workMs = 0, replyBytes = SHORT_REPLY_BYTES }: Work): number {
    this.#sentAtMs = Math.max(nowMs + this.#aheadMs, this.#sentAtMs) + requestBytes / this.#bytesPerMs;
    this.#workedAtMs = Math.max(this.#sentAtMs, this.#workedAtMs) + workMs;
    this.#answeredAtMs = Math.max(this.#workedAtMs, this.#answeredAtMs) + replyBytes / this.#bytesPerMs;
    return this.#answeredAtMs;
  }

  /** How long the wire is still busy with what was sent, ms. */
  backlogMs(nowMs: number): number {
    return this.#sentAtMs - this.#aheadMs - nowMs;
  }

  /** When the reply should be here, ms. Replies to earlier requests may have brought it nearer. */
  dueMs(plannedMs: number): number {
    return plannedMs - this.#aheadMs;
  }

  /** How much later than expected a reply may come before it counts as lost, ms. */
  get marginMs(): number {
    if (this.#meanMs === undefined) return FIRST_MARGIN_MS;
    const marginMs = Math.max(LEAST_MARGIN_MS, this.#meanMs + 4 * this.#deviationMs);
    return Math.min(MOST_MARGIN_MS, marginMs * this.#backOff);
  }

  /** Smoothed lateness, ms. */
  get roundTripMs(): number {
    return this.#meanMs ?? 0;
  }

  answered(nowMs: number, plannedMs: number): void {
    const dueMs = this.dueMs(plannedMs);
    const lateMs = Math.max(0, nowMs - dueMs);
    const meanMs = this.#meanMs ?? lateMs;
    this.#backOff = 1;
    this.#deviationMs =
      this.#meanMs === undefined
        ? lateMs / 2
        : this.#deviationMs + (Math.abs(lateMs - meanMs) - this.#deviationMs) / 4;
    this.#meanMs = meanMs + (lateMs - meanMs) / 8;
    // What was expected later than it came need not be waited for by what follows.
    if (nowMs < dueMs) this.#aheadMs += dueMs - nowMs;
  }

  timedOut(): void {
    this.#backOff = Math.min(8, this.#backOff * 2);
  }
}
