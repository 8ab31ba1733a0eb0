import type { Wave } from '../../board/types.ts';
import type { Policy, PolicyState, PulseKind, WantedChange } from '../policy.ts';

/** One wish as whole base pulses; none where it is less than one. */
export interface WholeBases {
  readonly kind: PulseKind;
  readonly bases: number;
  /** It was more than the most bases, and the excess is dropped. */
  readonly isClipped: boolean;
}

/** Splits the wishes of cells into whole base pulses; of each cell, what is less than one waits for its next wish. */
export class Residuals {
  readonly #most: number;
  /** By cell, V. */
  readonly #leftV: Map<number, number>;
  /** By cell, what the pulses that were taken last are to do, V. */
  readonly #takenV = new Map<number, number>();

  constructor(most: number, state: PolicyState = []) {
    this.#most = most;
    this.#leftV = new Map(state.map(([cell, leftV = 0]) => [cell, leftV]));
  }

  get state(): PolicyState {
    return [...this.#leftV];
  }

  /** `baseVOf` says how far a base pulse moves the cell, V. */
  take(cell: number, wishV: number, baseVOf: (kind: PulseKind) => number): WholeBases {
    const aimV = wishV + (this.#leftV.get(cell) ?? 0);
    const kind = aimV > 0 ? 'SET' : 'RESET';
    const baseV = baseVOf(kind);
    const bases = Math.floor(Math.abs(aimV) / baseV);
    const isClipped = bases > this.#most;
    // A residual that kept what is clipped would wind up.
    this.#leftV.set(cell, isClipped ? 0 : aimV - Math.sign(aimV) * bases * baseV);
    const taken = Math.min(bases, this.#most);
    this.#takenV.set(cell, Math.sign(aimV) * taken * baseV);
    return { kind, bases: taken, isClipped };
  }

  /** What was taken last for these cells is not done: it waits again. */
  giveBack(cells: readonly number[]): void {
    for (const cell of cells) {
      this.#leftV.set(cell, (this.#leftV.get(cell) ?? 0) + (this.#takenV.get(cell) ?? 0));
      this.#takenV.delete(cell);
    }
  }
}

interface WholeBasesParts {
  readonly name: Policy['name'];
  /** For each rung of amplitudes in turn, one to `most` base widths. */
  readonly waves: readonly Wave[];
  readonly most: number;
  readonly residuals: Residuals;
}

/** What a cell gets of its wish, at a rung of amplitudes. */
export interface Taken extends WholeBases {
  readonly rung: number;
}

/** A policy that gives each cell one pulse of whole base widths, and keeps what is less in a residual. */
export const wholeBasesPolicy = (
  { name, waves, most, residuals }: WholeBasesParts,
  take: (change: WantedChange) => Taken,
): Policy => ({
  name,
  waves,
  signWave: most - 1,
  propose: (wanted) => {
    const taken = wanted.map((change) => ({ cell: change.cell, ...take(change) }));
    return {
      updates: taken.flatMap(({ cell, kind, bases, rung }) =>
        bases === 0 ? [] : [{ cell, kind, waves: [rung * most + bases - 1] }],
      ),
      clipped: taken.filter(({ isClipped }) => isClipped).length,
    };
  },
  get state() {
    return residuals.state;
  },
  withdraw: (cells) => residuals.giveBack(cells),
});
