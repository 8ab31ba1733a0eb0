import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 10;
const NS_PER_MS = 1e6;

/** How long the daemon keeps others waiting. */
export class EventLoopDelay {
  readonly #histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor() {
    this.#histogram.enable();
  }

  /** Of the delays since the last reset, ms; what the timer itself waits is not one. */
  quantileMs(percent: number): number {
    const delayMs = this.#histogram.percentile(percent) / NS_PER_MS - RESOLUTION_MS;
    return Number.isFinite(delayMs) ? Math.max(0, delayMs) : 0;
  }

  reset(): void {
    this.#histogram.reset();
  }

  stop(): void {
    this.#histogram.disable();
  }
}
