import type { Cancel, HostTime } from './host-time.ts';

/** Hands bytes on after a delay of their own, in the order in which they came. */
export class DelayLine {
  readonly #time: HostTime;
  readonly #deliver: (bytes: string) => void;
  #waiting: { readonly bytes: string; readonly dueMs: number }[] = [];
  #lastDueMs = Number.NEGATIVE_INFINITY;
  #cancel: Cancel | undefined;

  constructor(time: HostTime, deliver: (bytes: string) => void) {
    this.#time = time;
    this.#deliver = deliver;
  }

  /** At once where nothing waits and there is no delay. */
  push(bytes: string, delayMs: number): void {
    if (delayMs <= 0 && this.#waiting.length === 0) {
      this.#deliver(bytes);
      return;
    }
    this.#lastDueMs = Math.max(this.#lastDueMs, this.#time.nowMs() + delayMs);
    this.#waiting.push({ bytes, dueMs: this.#lastDueMs });
    this.#wait();
  }

  /** Loses what waits. */
  clear(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#waiting = [];
    this.#lastDueMs = Number.NEGATIVE_INFINITY;
  }

  #wait(): void {
    const next = this.#waiting[0];
    if (this.#cancel !== undefined || next === undefined) return;
    this.#cancel = this.#time.after(Math.max(0, next.dueMs - this.#time.nowMs()), () => {
      this.#cancel = undefined;
      this.#flush();
      this.#wait();
    });
  }

  #flush(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (next.dueMs > this.#time.nowMs()) return;
      this.#waiting.shift();
      this.#deliver(next.bytes);
    }
  }
}
