import type { WeightSign } from '../../calibration/physics/cell.ts';
import type { CellReading } from '../board/types.ts';
import { pulsedNode } from '../chip/chip-model.ts';
import { type Overhead, shareOf } from '../ledger/overhead.ts';
import type { NewRow } from '../store/tables.ts';
import { type Accounting, type UpdateContext, updateRow } from '../store/update-row.ts';
import type { CellModel } from './cell-model.ts';
import type { WantedChange } from './policy.ts';
import type { StepUpdate } from './step-updates.ts';

/** What all updates of a step have in common. */
export interface StepContext {
  readonly step: number;
  readonly purpose: Exclude<UpdateContext['purpose'], 'correct'>;
  readonly model: CellModel;
  readonly sign: WeightSign;
  /** As the board told it in the reading before the step. */
  readonly temperatureK: number | undefined;
  /** What the step took besides its pulses. */
  readonly overhead: Overhead;
  /** What was wanted of the cells; a correction has no wish of its own. */
  readonly changes: readonly WantedChange[];
}

/** Makes the rows of a run's updates, and counts those of each cell. */
export class UpdateAccounts {
  readonly #accounting: Accounting;
  readonly #updatesOfCell: Map<number, number>;

  /** `updatesOfCell`: what the cells of a run that is gone on with have had. */
  constructor(accounting: Accounting, updatesOfCell: ReadonlyMap<number, number> = new Map()) {
    this.#accounting = accounting;
    this.#updatesOfCell = new Map(updatesOfCell);
  }

  rows(updates: readonly StepUpdate[], context: StepContext): NewRow<'updates'>[] {
    const { step, purpose, model, sign, temperatureK, changes } = context;
    const overhead = shareOf(context.overhead, updates.length);
    const changeOf = new Map(changes.map((change) => [change.cell, change]));
    const weightOf = (reading: CellReading | undefined) =>
      reading === undefined ? null : model.weightV(reading);
    return updates.map(({ executed, isCorrection, before, after }) => {
      const { cell, kind } = executed;
      const nthOfCell = (this.#updatesOfCell.get(cell) ?? 0) + 1;
      this.#updatesOfCell.set(cell, nthOfCell);
      const change = isCorrection ? undefined : changeOf.get(cell);
      const known: UpdateContext = {
        step,
        purpose: isCorrection ? 'correct' : purpose,
        nthOfCell,
        wantedV: change?.wantedV ?? null,
        driftV: change?.driftV ?? null,
        weightBeforeV: weightOf(before),
        weightAfterV: weightOf(after),
        node: { node: pulsedNode(cell, kind, sign), temperatureK },
        overhead,
        presumedCode: (kind === 'SET' ? before?.setCode : before?.resetCode) ?? 0,
      };
      return updateRow(executed, known, this.#accounting);
    });
  }
}
