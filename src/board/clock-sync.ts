import { type ConvexRegion, clipped, type Spread, spreadOf } from './convex-region.ts';

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
  maxSamples: 400,
};

/** So many contradictions in a row that agree among themselves are the truth: a clock has jumped. */
const JUMP_SAMPLES = 4;
const US_PER_MS = 1000;
const PPM_PER_US_PER_MS = 1000;
/** The board counts whole microseconds. */
const RESOLUTION_US = 1;

/**
 * How long to wait for the next sample when the first was `sinceFirstMs` ago, ms: 1 % of that, from 50 ms to 1 s.
 * One a second directly after a quick start would let the skew's error grow faster than the samples bound it.
 */
export const sampleIntervalMs = (sinceFirstMs: number): number =>
  Math.min(1000, Math.max(50, sinceFirstMs / 100));

/** A line through the present: x is the offset in us, y the skew in us/ms, around the newest sample. */
interface Fit {
  readonly originMs: number;
  readonly originUs: number;
  readonly spread: Spread;
}

/**
 * The board's clock as a function of the host's monotonic clock.
 *
 * A delay is never negative, so each sample bounds the line from both sides: at `sentMs` it is not above
 * `boardTimeUs`, at `receivedMs` not below. Offset and skew are the mean of all that obey every bound; a late
 * answer only bounds less. The bounds of a sample are loosened by what the skew can have drifted since,
 * driftPpmPerS/2 x age^2. Asymmetry of the least delays cannot be seen, and is inside the uncertainty.
 *
 * With delays of 0 to 2 ms each way and 1 % of 20 to 200 ms, sampled as `sampleIntervalMs` says, the board
 * time one second ahead is right to 55 us rms after 5 s, 24 to 41 us from 7 s on; a regression through the
 * middles of the quickest fifth of samples, to 90 us and more.
 */
export class ClockSync {
  readonly #options: ClockSyncOptions;
  #samples: readonly ClockSample[] = [];
  #suspects: readonly ClockSample[] = [];
  #rejected = 0;
  #fit: Fit | undefined;

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
    const { originMs, originUs, spread } = this.#fit;
    return originUs + spread.mean.x + (US_PER_MS + spread.mean.y) * (hostMs - originMs);
  }

  /** Host time at a board time, ms; undefined before the first sample. */
  hostMsAt(boardTimeUs: number): number | undefined {
    if (this.#fit === undefined) return undefined;
    const { originMs, originUs, spread } = this.#fit;
    return originMs + (boardTimeUs - originUs - spread.mean.x) / (US_PER_MS + spread.mean.y);
  }

  /** 1 sigma of `boardTimeUsAt`, us; grows away from the newest sample. */
  uncertaintyUsAt(hostMs: number): number | undefined {
    if (this.#fit === undefined) return undefined;
    const { xx, xy, yy } = this.#fit.spread;
    const awayMs = hostMs - this.#fit.originMs;
    return Math.sqrt(Math.max(0, xx + 2 * xy * awayMs + yy * awayMs ** 2)) + this.#driftUs(awayMs);
  }

  get estimate(): ClockEstimate | undefined {
    if (this.#fit === undefined) return undefined;
    return {
      skewPpm: this.#fit.spread.mean.y * PPM_PER_US_PER_MS,
      uncertaintyUs: this.uncertaintyUsAt(this.#fit.originMs) ?? Number.POSITIVE_INFINITY,
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
  }

  #accept(samples: readonly ClockSample[], fit: Fit): void {
    this.#samples = samples;
    this.#fit = fit;
    this.#suspects = [];
  }

  /** Offset and skew that obey all samples, or undefined where none do. */
  #fitOf(samples: readonly ClockSample[]): Fit | undefined {
    const newest = samples.at(-1);
    if (newest === undefined) return undefined;
    const { receivedMs: originMs, boardTimeUs: originUs } = newest;
    let region = this.#regionOf(newest);
    for (const { sentMs, receivedMs, boardTimeUs } of samples) {
      const sentAtMs = sentMs - originMs;
      const receivedAtMs = receivedMs - originMs;
      const aheadUs = boardTimeUs - originUs;
      const most = aheadUs - US_PER_MS * sentAtMs + RESOLUTION_US + this.#driftUs(sentAtMs);
      const least = aheadUs - US_PER_MS * receivedAtMs - this.#driftUs(receivedAtMs);
      region = clipped(clipped(region, 1, sentAtMs, most), -1, -receivedAtMs, -least);
    }
    const spread = spreadOf(region);
    return spread && { originMs, originUs, spread };
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
