import type { Random } from '../core/random.ts';

const FIRST_MS = 100;
const LONGEST_MS = 10_000;

/** How long to wait before asking again: doubling from failure to failure, and never as long as anybody else. */
export class BackOff {
  readonly #random: Random;
  #failures = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** After one more failure; a server that says how long is asked no earlier. */
  failedMs(atLeastMs = 0): number {
    const fullMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures);
    this.#failures += 1;
    return Math.max(atLeastMs, fullMs * (0.5 + this.#random.integer(500) / 1000));
  }
}
