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
  maxSamples: 800,
};

/** So many contradictions in a row that agree among themselves are the truth: a clock has jumped. */
const JUMP_SAMPLES = 4;
const US_PER_MS = 1000;
const PPM_PER_US_PER_MS = 1000;
/** The board counts whole microseconds. */
const RESOLUTION_US = 1;
/** How exactly the least delay is sought. */
const FINEST_STEP_US = 4;
/** Of the greatest least delay that the samples allow, so much is believed: all of it would leave a single line. */
const LEAST_SHARE = 0.75;

const MOST_INTERVAL_MS = 500;

/**
 * How long to wait for the next sample when the first was `sinceFirstMs` ago, ms: 0.125 % of that, from 10 ms to
 * 0.5 s. Two a second directly after a quick start would let the skew's error grow faster than the samples bound
 * it. Where a round trip takes long, three times that, so that a slow wire is left to others for the most part.
 */
export const sampleIntervalMs = (sinceFirstMs: number, roundTripMs = 0): number =>
  Math.min(MOST_INTERVAL_MS, Math.max(10, sinceFirstMs / 800, 3 * roundTripMs));

/** A line through the present: x is the offset in us, y the skew in us/ms, around the newest sample's answer. */
interface Fit {
  readonly newest: ClockSample;
  readonly spread: Spread;
}

const roundTripUs = ({ sentMs, receivedMs }: ClockSample): number => (receivedMs - sentMs) * US_PER_MS;

/**
 * The board's clock as a function of the host's monotonic clock.
 *
 * A delay is never negative, so each sample bounds the line from both sides: at `sentMs` it is not above
 * `boardTimeUs`, at `receivedMs` not below; a late answer only bounds less. Every link has a least delay, and it is
 * assumed that it is the same both ways: of all lines that obey every bound, offset and skew are the mean of those
 * that leave most of the greatest such delay. Asymmetry cannot be seen, and is inside the uncertainty, which is
 * that of all lines. The bounds of a sample are loosened by what the skew can have drifted since, driftPpmPerS/2 x age^2.
 *
 * With delays of 0 to 2 ms each way and 1 % of 20 to 200 ms, sampled as `sampleIntervalMs` says, the board
 * time one second ahead is right to 23 us rms after 5 s, 6 to 27 us from 8 s on.
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
    const spread = newest && this.#spreadOf(samples, newest, 0);
    return spread && { newest, spread };
  }

  /** The likeliest line of the present fit, sought once it is asked for: most samples are only one more bound. */
  #mean({ newest, spread }: Fit): Point {
    if (this.#likeliest !== undefined) return this.#likeliest;
    let leastUs = 0;
    for (let stepUs = roundTripUs(newest); stepUs > FINEST_STEP_US; stepUs /= 2) {
      if (this.#spreadOf(this.#samples, newest, leastUs + stepUs) !== undefined) leastUs += stepUs;
    }
    const { mean } = this.#spreadOf(this.#samples, newest, LEAST_SHARE * leastUs) ?? spread;
    this.#likeliest = mean;
    return mean;
  }

  /** Around the newest sample, all lines by which no way took less than `leastUs`; undefined where there are none. */
  #spreadOf(samples: readonly ClockSample[], newest: ClockSample, leastUs: number): Spread | undefined {
    const { receivedMs: originMs, boardTimeUs: originUs } = newest;
    let region = this.#regionOf(newest);
    for (const { sentMs, receivedMs, boardTimeUs } of samples) {
      const sentAtMs = sentMs - originMs;
      const receivedAtMs = receivedMs - originMs;
      const aheadUs = boardTimeUs - originUs;
      const mostUs = aheadUs - US_PER_MS * sentAtMs + RESOLUTION_US + this.#driftUs(sentAtMs) - leastUs;
      const leastAheadUs = aheadUs - US_PER_MS * receivedAtMs - this.#driftUs(receivedAtMs) + leastUs;
      region = clipped(clipped(region, 1, sentAtMs, mostUs), -1, -receivedAtMs, -leastAheadUs);
      if (region.length === 0) return undefined;
    }
    return spreadOf(region);
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
