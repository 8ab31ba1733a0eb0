import type { Cancel, HostTime } from './host-time.ts';

const EVERY_MS = 1_000;

/** Saves what changes at most every second, and once more in the end. */
export class StateKeeper {
  readonly #time: HostTime;
  readonly #save: () => void;
  #cancel: Cancel | undefined;

  constructor(time: HostTime, save: () => void) {
    this.#time = time;
    this.#save = save;
  }

  /** Something has changed. */
  changed(): void {
    if (this.#cancel !== undefined) return;
    this.#cancel = this.#time.after(EVERY_MS, () => {
      this.#cancel = undefined;
      this.#save();
    });
  }

  /** Saves now. Throws what saving throws. */
  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#save();
  }
}
