import type { RowRange } from './lines.ts';

/** How far the rows of one table have been taken, where ranges of them are taken out of order. */
export class Cursor {
  readonly #taken = new Map<number, number>();
  #nextRow: number;

  constructor(nextRow: number) {
    this.#nextRow = nextRow;
  }

  /** All rows before this one are taken. */
  get nextRow(): number {
    return this.#nextRow;
  }

  take({ firstRow, endRow }: RowRange): void {
    this.#taken.set(firstRow, endRow);
    for (;;) {
      const endOfNext = this.#taken.get(this.#nextRow);
      if (endOfNext === undefined) return;
      this.#taken.delete(this.#nextRow);
      this.#nextRow = endOfNext;
    }
  }
}
