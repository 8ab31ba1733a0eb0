/** While others knock, one is let in all the same after so long. */
const KNOCKING_MS = 50;

/**
 * Lets one in at each turn of the event loop, and so many at a time: between two of them SAFE, which passes by, is answered. The loop takes
 * one new connection a turn, and SAFE may be behind hundreds: while they come, turns are left to them.
 */
export class Turnstile {
  readonly #mostInside: number;
  readonly #mostWaiting: number;
  readonly #waiting: (() => void)[] = [];
  readonly #nowMs: () => number;
  #inside = 0;
  #hasKnocked = false;
  #letInMs = 0;
  #isTurning = false;

  constructor(mostInside: number, mostWaiting: number, nowMs: () => number) {
    this.#mostInside = mostInside;
    this.#mostWaiting = mostWaiting;
    this.#nowMs = nowMs;
  }

  /** A connection has come in this turn. */
  knock(): void {
    this.#hasKnocked = true;
  }

  /** Calls `act` at its turn; who has come in tells by `leave`. False where too many wait. */
  enter(act: () => void): boolean {
    if (this.#waiting.length >= this.#mostWaiting) return false;
    this.#waiting.push(act);
    this.#turn();
    return true;
  }

  leave(): void {
    this.#inside -= 1;
    this.#turn();
  }

  #turn(): void {
    if (this.#isTurning || this.#inside >= this.#mostInside || this.#waiting.length === 0) return;
    this.#isTurning = true;
    setImmediate(() => {
      this.#isTurning = false;
      const nowMs = this.#nowMs();
      const isBusy = this.#hasKnocked && nowMs - this.#letInMs < KNOCKING_MS;
      this.#hasKnocked = false;
      const next = isBusy ? undefined : this.#waiting.shift();
      if (next === undefined) {
        this.#turn();
        return;
      }
      this.#letInMs = nowMs;
      this.#inside += 1;
      // What it leads to ends before the turn does; the next one comes after whoever knocked meanwhile.
      next();
      this.#turn();
    });
  }
}
