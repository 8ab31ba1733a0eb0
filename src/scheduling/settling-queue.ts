import type { Journal, SettledBatch } from './journal.ts';

/** Writes what is settled in the background, all that has gathered in one commit; one commit at a time. */
export class SettlingQueue {
  readonly #journal: Journal;
  #gathered: SettledBatch[] = [];
  #writing: Promise<void> | undefined;
  #underWay = 0;
  #failure: unknown;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** Batches that are settled but not on disk. */
  get pending(): number {
    return this.#gathered.length + this.#underWay;
  }

  /** Why writing failed, once it has. */
  get failure(): unknown {
    return this.#failure;
  }

  fail(error: unknown): void {
    this.#failure ??= error;
  }

  add(settled: SettledBatch): void {
    this.#gathered.push(settled);
    this.#writing ??= this.#write();
  }

  /** Resolves once everything added is on disk; rejects when it could not be written. */
  async flushed(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #write(): Promise<void> {
    try {
      while (this.#gathered.length > 0 && this.#failure === undefined) {
        const settled = this.#gathered;
        this.#gathered = [];
        this.#underWay = settled.length;
        await this.#journal.settle(settled);
        this.#underWay = 0;
      }
    } catch (error) {
      this.fail(error);
    } finally {
      this.#writing = undefined;
    }
  }
}
