import type { Cancel, HostTime } from './host-time.ts';

/** Acts once nothing has been heard for as long as it was set to. */
export class DeadMan {
  readonly #time: HostTime;
  readonly #act: () => void;
  #heardMs = 0;
  #cancel: Cancel | undefined;

  constructor(time: HostTime, act: () => void) {
    this.#time = time;
    this.#act = act;
  }

  /** From now on, for silences of `holdMs`; without it, released. */
  set(holdMs: number | undefined): void {
    this.#release();
    if (holdMs === undefined) return;
    this.feed();
    this.#watch(holdMs, holdMs);
  }

  /** Something was heard. */
  feed(): void {
    this.#heardMs = this.#time.nowMs();
  }

  #release(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** One timer a silence instead of one a line: it looks when it ends, and waits for what is left. */
  #watch(holdMs: number, delayMs: number): void {
    this.#cancel = this.#time.after(delayMs, () => {
      const leftMs = this.#heardMs + holdMs - this.#time.nowMs();
      if (leftMs > 0) this.#watch(holdMs, leftMs);
      else this.#confirm(holdMs);
    });
  }

  /** A host process that was busy has bytes waiting, which did arrive in time: they are read before this timer. */
  #confirm(holdMs: number): void {
    const heardMs = this.#heardMs;
    this.#cancel = this.#time.after(1, () => {
      this.#release();
      if (this.#heardMs === heardMs) this.#act();
      else this.#watch(holdMs, holdMs);
    });
  }
}
