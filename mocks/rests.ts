import type { RestCause } from '../firmware-protocol/rest.ts';

/** What brought the outputs to rest, and on whose behalf: 0 for no host, or one that gave no number. */
export interface Rest {
  readonly restCause: RestCause;
  readonly restHost: number;
}

/** How often the outputs came to rest in one life of the firmware, and what did it last. */
export class Rests {
  #count = 0;
  #last: Rest | undefined;

  get count(): number {
    return this.#count;
  }

  /** Undefined until they have. */
  get last(): Rest | undefined {
    return this.#last;
  }

  /**
   * Counts one, and says whether it did: the same host may tell a board again that it has told to rest, since replies
   * get lost, and that is the same rest.
   */
  add(rest: Rest, wasArmed: boolean): boolean {
    const isRepeated = !wasArmed && rest.restHost !== 0 && this.#last?.restHost === rest.restHost;
    this.#last = rest;
    if (!isRepeated) this.#count += 1;
    return !isRepeated;
  }
}
