/**
 * Lets one in at each turn of the event loop, and so many at a time: between two of them SAFE, which passes by, is answered. Those that
 * wait are few enough that a client has an answer before it gives up.
 */
export class Turnstile {
  readonly #mostInside: number;
  readonly #mostWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #inside = 0;
  #isTurning = false;

  constructor(mostInside: number, mostWaiting: number) {
    this.#mostInside = mostInside;
    this.#mostWaiting = mostWaiting;
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
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#inside += 1;
      // What it leads to ends before the turn does; the next one comes after whoever knocked meanwhile.
      next();
      this.#turn();
    });
  }
}
