import { balancedLine } from './balanced-line.ts';
import { type ConvexRegion, clipped, type Point, type Spread, spreadOf } from './convex-region.ts';

/** One question and its answer: the board's clock was read at some instant between both host times. */
export interface ClockSample {
  /** Monotonic host time, ms, with fractions. */
  readonly sentMs: number;
  readonly receivedMs: number;
  readonly boardTimeUs: number;
}

export interface ClockSyncOptions {
  /** Most by which the board's clock may run fast or slow. */
  readonly maxSkewPpm: number;
  /** Fastest change of the skew that is followed, ppm/s: warming of a crystal. */
  readonly driftPpmPerS: number;
  readonly windowMs: number;
  /** The skew is taken as the same for so long. */
  readonly lineWindowMs: number;
  readonly maxSamples: number;
}

export interface ClockEstimate {
  /** Board clock over host clock, less one. */
  readonly skewPpm: number;
  /** 1 sigma of the board time at the newest sample. */
  readonly uncertaintyUs: number;
  /** Samples in the window. */
  readonly samples: number;
  /** Samples since the start that contradicted the others. */
  readonly rejected: number;
}

const defaults: ClockSyncOptions = {
  maxSkewPpm: 20_000,
  driftPpmPerS: 0.02,
  windowMs: 300_000,
  lineWindowMs: 100_000,
  maxSamples: 1_600,
};

/** So many contradictions in a row that agree among themselves are the truth: a clock has jumped. */
const JUMP_SAMPLES = 4;
const US_PER_MS = 1000;
const PPM_PER_US_PER_MS = 1000;
/** The board counts whole microseconds. */
const RESOLUTION_US = 1;
/** With fewer, the mean of all lines that the bounds allow is as good. */
const LEAST_SAMPLES = 20;
const MOST_INTERVAL_MS = 250;

/**
 * How long to wait for the next sample when the first was `sinceFirstMs` ago, ms: 0.0625 % of that, from 10 ms to
 * 0.25 s. Four a second directly after a quick start would let the skew's error grow faster than the samples bound
 * it. Where a round trip takes long, three times that, so that a slow wire is left to others for the most part.
 */
export const sampleIntervalMs = (sinceFirstMs: number, roundTripMs = 0): number =>
  Math.min(MOST_INTERVAL_MS, Math.max(10, sinceFirstMs / 1600, 3 * roundTripMs));

/** Lines with byX x + byY y <= limit. */
interface Limit {
  readonly byX: number;
  readonly byY: number;
  readonly limit: number;
}

/** A line through the present: x is the offset in us, y the skew in us/ms, around the newest sample's answer. */
interface Fit {
  readonly newest: ClockSample;
  readonly spread: Spread;
}

/**
 * The board's clock as a function of the host's monotonic clock.
 *
 * A delay is never negative, so each sample bounds the line from both sides: at `sentMs` it is not above
 * `boardTimeUs`, at `receivedMs` not below; a late answer only bounds less. All lines that obey every bound tell what is
 * certain; the bounds of a sample are loosened by what the skew can have drifted since, driftPpmPerS/2 x age^2.
 * Of them, offset and skew are those under which the quick ones among the delays are alike both ways: one that is
 * quicker than the others by chance changes little. Asymmetry cannot be seen, and is inside the uncertainty, which
 * is that of all lines.
 *
 * With delays of 0 to 2 ms each way and 1 % of 20 to 200 ms, sampled as `sampleIntervalMs` says, the board
 * time half a second ahead is right to 30 us rms after 5 s, 7 to 29 us from 8 s on.
 */
export class ClockSync {
  readonly #options: ClockSyncOptions;
  #samples: readonly ClockSample[] = [];
  #suspects: readonly ClockSample[] = [];
  #rejected = 0;
  #fit: Fit | undefined;
  #likeliest: Point | undefined;

  constructor(options: Partial<ClockSyncOptions> = {}) {
    this.#options = { ...defaults, ...options };
  }

  /** Takes a sample. One that contradicts the others is counted and left out, until several in a row do. */
  add(sample: ClockSample): void {
    const { windowMs, maxSamples } = this.#options;
    const kept = this.#samples.filter(({ receivedMs }) => receivedMs >= sample.receivedMs - windowMs);
    const samples = [...kept, sample].slice(-maxSamples);
    const fit = this.#fitOf(samples);
    if (fit !== undefined) {
      this.#accept(samples, fit);
      return;
    }
    this.#rejected += 1;
    this.#suspects = [...this.#suspects, sample].slice(-JUMP_SAMPLES);
    const jumped = this.#suspects.length === JUMP_SAMPLES ? this.#fitOf(this.#suspects) : undefined;
    if (jumped !== undefined) this.#accept(this.#suspects, jumped);
  }

  /** Board time at a host time, us; undefined before the first sample. */
  boardTimeUsAt(hostMs: number): number | undefined {
    if (this.#fit === undefined) return undefined;
    const { receivedMs, boardTimeUs } = this.#fit.newest;
    const { x, y } = this.#mean(this.#fit);
    return boardTimeUs + x + (US_PER_MS + y) * (hostMs - receivedMs);
  }

  /** Host time at a board time, ms; undefined before the first sample. */
  hostMsAt(boardTimeUs: number): number | undefined {
    if (this.#fit === undefined) return undefined;
    const { newest } = this.#fit;
    const { x, y } = this.#mean(this.#fit);
    return newest.receivedMs + (boardTimeUs - newest.boardTimeUs - x) / (US_PER_MS + y);
  }

  /** 1 sigma of `boardTimeUsAt`, us; grows away from the newest sample. */
  uncertaintyUsAt(hostMs: number): number | undefined {
    if (this.#fit === undefined) return undefined;
    const { newest, spread } = this.#fit;
    const { xx, xy, yy } = spread;
    const awayMs = hostMs - newest.receivedMs;
    return Math.sqrt(Math.max(0, xx + 2 * xy * awayMs + yy * awayMs ** 2)) + this.#driftUs(awayMs);
  }

  get estimate(): ClockEstimate | undefined {
    if (this.#fit === undefined) return undefined;
    return {
      skewPpm: this.#mean(this.#fit).y * PPM_PER_US_PER_MS,
      uncertaintyUs: this.uncertaintyUsAt(this.#fit.newest.receivedMs) ?? Number.POSITIVE_INFINITY,
      samples: this.#samples.length,
      rejected: this.#rejected,
    };
  }

  /** Forgets everything: the board has started anew. */
  reset(): void {
    this.#samples = [];
    this.#suspects = [];
    this.#rejected = 0;
    this.#fit = undefined;
    this.#likeliest = undefined;
  }

  #accept(samples: readonly ClockSample[], fit: Fit): void {
    this.#samples = samples;
    this.#fit = fit;
    this.#likeliest = undefined;
    this.#suspects = [];
  }

  /** Offset and skew that obey all samples, or undefined where none do. */
  #fitOf(samples: readonly ClockSample[]): Fit | undefined {
    const newest = samples.at(-1);
    if (newest === undefined) return undefined;
    const spread = spreadOf(this.#regionOfAll(samples, newest));
    return spread && { newest, spread };
  }

  /** The likeliest line of the present fit, sought once it is asked for: most samples are only one more bound. */
  #mean({ newest, spread }: Fit): Point {
    if (this.#likeliest !== undefined) return this.#likeliest;
    const recent = this.#samples.filter(
      ({ receivedMs }) => receivedMs >= newest.receivedMs - this.#options.lineWindowMs,
    );
    if (recent.length < LEAST_SAMPLES) return spread.mean;
    const boundAt = (hostMs: number, boardTimeUs: number) => {
      const atMs = hostMs - newest.receivedMs;
      return { atMs, aheadUs: boardTimeUs - newest.boardTimeUs - US_PER_MS * atMs };
    };
    const bounds = {
      above: recent.map(({ sentMs, boardTimeUs }) => boundAt(sentMs, boardTimeUs)),
      below: recent.map(({ receivedMs, boardTimeUs }) => boundAt(receivedMs, boardTimeUs)),
    };
    const balanced = balancedLine(bounds, spread.mean.y, 3 * Math.sqrt(spread.yy));
    this.#likeliest = this.#allowed(balanced, spread.mean, newest);
    return this.#likeliest;
  }

  /** A line, or where it disobeys a bound the last one that does not on the way to it from one that obeys all. */
  #allowed(line: Point, inner: Point, newest: ClockSample): Point {
    let share = 1;
    for (const sample of this.#samples) {
      for (const { byX, byY, limit } of this.#limitsOf(sample, newest)) {
        const excess = byX * line.x + byY * line.y - limit;
        const room = Math.max(0, limit - byX * inner.x - byY * inner.y);
        if (excess > 0) share = Math.min(share, room / (room + excess));
      }
    }
    return { x: inner.x + share * (line.x - inner.x), y: inner.y + share * (line.y - inner.y) };
  }

  /** Around the newest sample, all lines by which no delay is negative. */
  #regionOfAll(samples: readonly ClockSample[], newest: ClockSample): ConvexRegion {
    let region = this.#regionOf(newest);
    for (const sample of samples) {
      for (const { byX, byY, limit } of this.#limitsOf(sample, newest))
        region = clipped(region, byX, byY, limit);
    }
    return region;
  }

  /** What one sample demands of a line around the newest one: that it was not above it when sent, not below when received. */
  #limitsOf({ sentMs, receivedMs, boardTimeUs }: ClockSample, newest: ClockSample): readonly Limit[] {
    const sentAtMs = sentMs - newest.receivedMs;
    const receivedAtMs = receivedMs - newest.receivedMs;
    const aheadUs = boardTimeUs - newest.boardTimeUs;
    const mostUs = aheadUs - US_PER_MS * sentAtMs + RESOLUTION_US + this.#driftUs(sentAtMs);
    const leastUs = aheadUs - US_PER_MS * receivedAtMs - this.#driftUs(receivedAtMs);
    return [
      { byX: 1, byY: sentAtMs, limit: mostUs },
      { byX: -1, byY: -receivedAtMs, limit: -leastUs },
    ];
  }

  /** All that one sample allows. */
  #regionOf({ sentMs, receivedMs }: ClockSample): ConvexRegion {
    const roundTripMs = receivedMs - sentMs;
    if (!(roundTripMs >= 0)) return [];
    const skew = this.#options.maxSkewPpm / PPM_PER_US_PER_MS;
    const most = (US_PER_MS + skew) * roundTripMs + RESOLUTION_US;
    return [
      { x: 0, y: -skew },
      { x: most, y: -skew },
      { x: most, y: skew },
      { x: 0, y: skew },
    ];
  }

  #driftUs(awayMs: number): number {
    const perMs = this.#options.driftPpmPerS / PPM_PER_US_PER_MS / US_PER_MS;
    return (perMs / 2) * awayMs ** 2;
  }
}
