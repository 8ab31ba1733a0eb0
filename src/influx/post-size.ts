/** Texts of lines that go into one post at most: 8,192 lines, about a tenth of a second's work for a server. */
const MOST_TEXTS = 64;
const STORED_BEFORE_MORE = 4;

/**
 * How much goes into a post. Half as much after each failure, so that a server that is slow, short of memory or behind a
 * proxy with a limit is not overrun; twice as much again while it stores.
 */
export class PostSize {
  #texts = MOST_TEXTS;
  #most = MOST_TEXTS;
  #storedInSuccession = 0;

  /** Texts in the next post. */
  get texts(): number {
    return this.#texts;
  }

  stored(): void {
    this.#storedInSuccession += 1;
    if (this.#storedInSuccession < STORED_BEFORE_MORE) return;
    this.#storedInSuccession = 0;
    this.#texts = Math.min(this.#most, this.#texts * 2);
  }

  failed(): void {
    this.#storedInSuccession = 0;
    this.#texts = halfOf(this.#texts);
  }

  /** A post of so many texts is more than is ever taken. */
  tooLarge(texts: number): void {
    this.#most = Math.min(this.#most, halfOf(texts));
    this.#texts = Math.min(this.#texts, this.#most);
  }
}

const halfOf = (texts: number): number => Math.max(1, texts >> 1);
