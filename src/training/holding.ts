/** Lets somebody hold a run between two steps, and let it go on. */
export interface Hold {
  /** Why the run is to rest; undefined while it may go on. */
  readonly reason: string | undefined;
  /** Aborts when it is to rest: batches in flight end, others do not begin. A new one each time that it goes on. */
  readonly signal: AbortSignal;
  /** Aborts when outputs are brought to rest in the middle of a step: nothing may arm them again. A new one each time that it goes on. */
  readonly cut: AbortSignal;
  /** Resolves once the run may go on, or `until` aborts. */
  released(until: AbortSignal): Promise<void>;
}

/** A hold that its owner sets and lifts. */
export class Holding implements Hold {
  #reason: string | undefined;
  #resting = new AbortController();
  #cutting = new AbortController();
  #lifted = new AbortController();

  get reason(): string | undefined {
    return this.#reason;
  }

  get signal(): AbortSignal {
    return this.#resting.signal;
  }

  get cut(): AbortSignal {
    return this.#cutting.signal;
  }

  /** A reason given later replaces the earlier one. */
  set(reason: string, { isUrgent = false } = {}): void {
    this.#reason = reason;
    this.#resting.abort();
    if (isUrgent) this.#cutting.abort();
  }

  lift(): void {
    if (this.#reason === undefined) return;
    this.#reason = undefined;
    this.#resting = new AbortController();
    this.#cutting = new AbortController();
    const lifted = this.#lifted;
    this.#lifted = new AbortController();
    lifted.abort();
  }

  async released(until: AbortSignal): Promise<void> {
    while (this.#reason !== undefined && !until.aborted) {
      const either = AbortSignal.any([this.#lifted.signal, until]);
      if (!either.aborted)
        await new Promise((resolve) => either.addEventListener('abort', resolve, { once: true }));
    }
  }
}
