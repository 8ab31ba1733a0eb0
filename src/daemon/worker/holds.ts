import { Holding } from '../../training/holding.ts';
import type { Holder } from '../messages.ts';

/** Everybody who wants the run to rest, each for a reason of its own. */
export class Holds {
  readonly #reasons = new Map<Holder, string>();
  readonly #holding = new Holding();
  readonly #onChange: (held: readonly { readonly by: Holder; readonly reason: string }[]) => void;

  constructor(onChange: (held: readonly { readonly by: Holder; readonly reason: string }[]) => void) {
    this.#onChange = onChange;
  }

  /** For the run. */
  get hold(): Holding {
    return this.#holding;
  }

  get isHeld(): boolean {
    return this.#reasons.size > 0;
  }

  set(by: Holder, reason: string): void {
    if (this.#reasons.get(by) === reason) return;
    this.#reasons.set(by, reason);
    this.#apply();
  }

  lift(...by: readonly Holder[]): void {
    if (by.filter((each) => this.#reasons.delete(each)).length > 0) this.#apply();
  }

  #apply(): void {
    if (this.#reasons.size === 0) this.#holding.lift();
    else this.#holding.set([...this.#reasons.values()].join(' '), { isUrgent: this.#reasons.has('safe') });
    this.#onChange([...this.#reasons].map(([by, reason]) => ({ by, reason })));
  }
}
