import { nodeNumber } from '../board/nodes.ts';
import type { ArrayReading, CellReading } from '../board/types.ts';
import type { PlannedUpdate } from '../scheduling/plan.ts';
import type { ExecutedUpdate } from '../scheduling/runner.ts';
import type { ProposedUpdate } from './policy.ts';

/** Numbers the updates of a run. In one step, pulses of one node are one update, whichever round they come in. */
export class UpdateNumbers {
  #latest: number;
  readonly #ofNode = new Map<number, number>();

  constructor(latest = 0) {
    this.#latest = latest;
  }

  beginStep(): void {
    this.#ofNode.clear();
  }

  /** At most one update of a node at a time. */
  number(proposed: readonly ProposedUpdate[]): PlannedUpdate[] {
    return proposed.map((each): PlannedUpdate => {
      const node = nodeNumber(each.cell, each.kind);
      const known = this.#ofNode.get(node);
      if (known !== undefined) return { ...each, update: known };
      this.#latest += 1;
      this.#ofNode.set(node, this.#latest);
      return { ...each, update: this.#latest };
    });
  }
}

/** An update with all the pulses that it got in its step. */
export interface StepUpdate {
  readonly executed: ExecutedUpdate;
  /** It undid a part of an update of the same cell that went before it in the step. */
  readonly isCorrection: boolean;
  /** The cell before the first of its rounds, and after the last. */
  readonly before: CellReading | undefined;
  readonly after: CellReading | undefined;
}

/** Gathers what the rounds of one step did. */
export class StepUpdates {
  readonly #updates = new Map<number, StepUpdate>();
  readonly #firstOfCell = new Map<number, number>();
  #cellsRead = 0;

  add(executed: readonly ExecutedUpdate[], before: ArrayReading, after: ArrayReading): void {
    this.#cellsRead += after.cells.length;
    const beforeOf = byCell(before);
    const afterOf = byCell(after);
    for (const each of executed) {
      const { update, cell } = each;
      const known = this.#updates.get(update);
      const first = this.#firstOfCell.get(cell) ?? update;
      this.#firstOfCell.set(cell, first);
      this.#updates.set(update, {
        executed: known === undefined ? each : joined(known.executed, each),
        isCorrection: first !== update,
        before: known === undefined ? beforeOf.get(cell) : known.before,
        after: afterOf.get(cell),
      });
    }
  }

  /** Over all rounds. */
  get cellsRead(): number {
    return this.#cellsRead;
  }

  get pulses(): number {
    return this.all.reduce((sum, { executed }) => sum + executed.pulses.length, 0);
  }

  /** In the order in which they began. */
  get all(): StepUpdate[] {
    return [...this.#updates.values()];
  }
}

const byCell = ({ cells }: ArrayReading) => new Map(cells.map((reading) => [reading.cell, reading]));

const joined = (one: ExecutedUpdate, other: ExecutedUpdate): ExecutedUpdate => ({
  ...one,
  waves: [...one.waves, ...other.waves],
  pulses: [...one.pulses, ...other.pulses],
});
