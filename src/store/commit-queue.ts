interface Waiting<T> {
  readonly item: T;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface CommitQueueParts<T> {
  /** Commits all items or none of them. Never called while another commit is under way. */
  readonly commit: (items: readonly T[]) => Promise<void>;
  readonly sizeOf: (item: T) => number;
  /** Items share a commit up to this size, so that a small one never waits for the work of a large one behind it. */
  readonly mostShared: number;
}

/**
 * Puts commits in a row: items that come while one is under way wait for the next, and small ones share it.
 * Order is kept. When a shared commit fails, its items are tried one by one: each fails for itself only.
 */
export class CommitQueue<T> {
  readonly #parts: CommitQueueParts<T>;
  readonly #waiting: Waiting<T>[] = [];
  #isBusy = false;

  constructor(parts: CommitQueueParts<T>) {
    this.#parts = parts;
  }

  /** Resolves once the item is committed; rejects with what its own commit threw. */
  add(item: T): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#isBusy) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#isBusy = true;
    while (this.#waiting.length > 0) await this.#settle(this.#nextGroup());
    this.#isBusy = false;
  }

  async #settle(group: readonly Waiting<T>[]): Promise<void> {
    try {
      await this.#parts.commit(group.map(({ item }) => item));
      for (const { resolve } of group) resolve();
    } catch (error) {
      if (group.length > 1) for (const one of group) await this.#settle([one]);
      else for (const { reject } of group) reject(error);
    }
  }

  #nextGroup(): Waiting<T>[] {
    const { sizeOf, mostShared } = this.#parts;
    let size = 0;
    const end = this.#waiting.findIndex(({ item }, index) => {
      size += sizeOf(item);
      return index > 0 && size > mostShared;
    });
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
  }
}
