import type { ArrayReading, CellReading } from '../board/types.ts';
import type { CellModel } from './cell-model.ts';
import { elapsedBetween, responsesTo } from './gradient-steps.ts';
import { nothing, type Policy, type Proposal, type Responses, type WantedChange } from './policy.ts';
import type { StepSource, WantedStep } from './step-source.ts';

/** A wanted change of one weight, V. */
export interface Wish {
  readonly cell: number;
  readonly wantedV: number;
}

/** Somebody outside who says what is wanted. */
export interface Wishes {
  /**
   * The changes wanted next: none to have the cells read and nothing else; undefined where there will be no more. Asked
   * again once the step is on disk.
   */
  next(): Promise<readonly Wish[] | undefined>;
}

const US_PER_S = 1e6;

/** Steps whose changes come from outside. */
export class OutsideSteps implements StepSource {
  readonly #wishes: Wishes;
  readonly #policy: Policy;
  readonly #model: CellModel;
  /** By cell, of the reading before the first step. */
  readonly #fresh: ReadonlyMap<number, Responses>;
  #last: ArrayReading;
  /** How long the last step with pulses took on the board: as long the next is expected to take. */
  #elapsedS: number;
  #hadPulses = false;

  constructor(
    {
      wishes,
      policy,
      model,
    }: { readonly wishes: Wishes; readonly policy: Policy; readonly model: CellModel },
    start: ArrayReading,
  ) {
    this.#wishes = wishes;
    this.#policy = policy;
    this.#model = model;
    this.#last = start;
    this.#fresh = new Map(
      start.cells.map((cell) => [cell.cell, responsesTo(policy, model, cell, start.temperatureK)]),
    );
    this.#elapsedS = (policy.waves[0]?.widthUs ?? 0) / US_PER_S;
  }

  async next(reading: ArrayReading): Promise<WantedStep | undefined> {
    if (this.#hadPulses) this.#elapsedS = elapsedBetween(this.#last, reading, this.#elapsedS);
    this.#last = reading;
    const wishes = await this.#wishes.next();
    if (wishes === undefined) return undefined;
    const wanted = new Map(wishes.map(({ cell, wantedV }) => [cell, wantedV]));
    const changes = reading.cells.flatMap((cell) => {
      const wantedV = wanted.get(cell.cell);
      return wantedV === undefined ? [] : [this.#change(cell, wantedV, reading.temperatureK)];
    });
    const proposal = changes.length === 0 ? nothing : this.#policy.propose(changes);
    this.#hadPulses = proposal.updates.length > 0;
    return { epoch: 1, changes, ...proposal };
  }

  correct({ cells }: Pick<ArrayReading, 'cells'>): Proposal {
    if (!this.#hadPulses) return nothing;
    return (
      this.#policy.correct?.(
        cells.map((reading) => ({ cell: reading.cell, weightV: this.#model.weightV(reading) })),
      ) ?? nothing
    );
  }

  rested(reading: ArrayReading): void {
    this.#last = reading;
    this.#hadPulses = false;
  }

  #change(reading: CellReading, wantedV: number, temperatureK: number | undefined): WantedChange {
    const model = this.#model;
    const responseVPerS = responsesTo(this.#policy, model, reading, temperatureK);
    return {
      cell: reading.cell,
      weightV: model.weightV(reading),
      wantedV,
      driftV: model.driftV(reading, this.#elapsedS, temperatureK),
      freshVPerS: this.#fresh.get(reading.cell) ?? responseVPerS,
      responseVPerS,
      movesV: (pulse) => model.movesV(reading, pulse, temperatureK),
    };
  }
}
