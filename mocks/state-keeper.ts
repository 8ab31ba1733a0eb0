import type { Cancel, HostTime } from './host-time.ts';

const EVERY_MS = 1_000;

/** Saves what changes at most every second, and once more in the end. */
export class StateKeeper {
  readonly #time: HostTime;
  readonly #save: () => void;
  #cancel: Cancel | undefined;
  #failure: unknown;

  constructor(time: HostTime, save: () => void) {
    this.#time = time;
    this.#save = save;
  }

  /** Something has changed. */
  changed(): void {
    if (this.#cancel !== undefined || this.#failure !== undefined) return;
    this.#cancel = this.#time.after(EVERY_MS, () => {
      this.#cancel = undefined;
      try {
        this.#save();
      } catch (failure) {
        // Nobody waits for this save. The last one says so, unless there is room again.
        this.#failure = failure;
      }
    });
  }

  /** Saves now. Throws what saving throws. */
  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#save();
  }
}
