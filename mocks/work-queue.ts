import type { BoardTime } from './board-time.ts';
import type { Cancel } from './host-time.ts';

/** Work that takes board time: yields the times (us) that it waits for, returns its result, or nothing when it was lost. */
export type Lasting<T> = Generator<number, T | undefined>;

export const isLasting = <T extends object>(work: T | Lasting<T>): work is Lasting<T> =>
  Symbol.iterator in work;

/** The same work, with something done to its result. */
export function* afterwards<From, To>(work: Lasting<From>, act: (result: From) => To): Lasting<To> {
  const result = yield* work;
  return result === undefined ? undefined : act(result);
}

interface Job<T> {
  readonly bytes: number;
  readonly begin: () => T | Lasting<T>;
}

/** Does one thing after another, in the order of arrival. In virtual time each is done when `push` returns. */
export class WorkQueue<T extends object> {
  readonly #time: BoardTime;
  readonly #onDone: (result: T) => void;
  #jobs: Job<T>[] = [];
  #work: Lasting<T> | undefined;
  #isServing = false;
  #cancelWait: Cancel = () => {};

  constructor(time: BoardTime, onDone: (result: T) => void) {
    this.#time = time;
    this.#onDone = onDone;
  }

  /** Jobs that are not done, and the bytes of the lines that asked for them. */
  get underWay(): { readonly jobs: number; readonly bytes: number } {
    return { jobs: this.#jobs.length, bytes: this.#jobs.reduce((sum, { bytes }) => sum + bytes, 0) };
  }

  push(job: Job<T>): void {
    this.#jobs.push(job);
    if (!this.#isServing && this.#work === undefined) this.#serve();
  }

  /** Lets waiting work look again whether it has to wait. */
  nudge(): void {
    if (this.#isServing || this.#work === undefined) return;
    this.#cancelWait();
    this.#serve();
  }

  /** Forgets all jobs, also the one under way. */
  clear(): void {
    this.#cancelWait();
    this.#jobs = [];
    this.#work = undefined;
  }

  #serve(): void {
    this.#isServing = true;
    try {
      for (let job = this.#jobs[0]; job !== undefined; job = this.#jobs[0]) {
        const isWaiting = this.#advance(job);
        if (isWaiting) return;
      }
    } finally {
      this.#isServing = false;
    }
  }

  /** Goes on with the first job; true when it has to wait. */
  #advance(job: Job<T>): boolean {
    let result: T | undefined;
    if (this.#work === undefined) {
      const begun = job.begin();
      if (!isLasting(begun)) result = begun;
      else this.#work = begun;
    }
    while (this.#work !== undefined) {
      const step: IteratorResult<number, T | undefined> = this.#work.next();
      if (step.done) {
        result = step.value;
        this.#work = undefined;
      } else if (!this.#time.reach(step.value)) {
        this.#cancelWait = this.#time.when(step.value, () => this.#serve());
        return true;
      }
    }
    if (this.#jobs[0] !== job) return false;
    this.#jobs.shift();
    if (result !== undefined) this.#onDone(result);
    return false;
  }
}
