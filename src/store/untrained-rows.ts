import type { Converters } from '../board/converters.ts';
import { nodeNumber } from '../board/nodes.ts';
import type { ArrayReading } from '../board/types.ts';
import { shareOf } from '../ledger/overhead.ts';
import type { ExecutedUpdate } from '../scheduling/runner.ts';
import type { NewRow } from './tables.ts';
import { type Accounting, type UpdateContext, updateRow } from './update-row.ts';

export interface UntrainedRowsParts {
  readonly accounting: Accounting;
  readonly converters: Converters;
  readonly purpose: UpdateContext['purpose'];
  /** Updates that each cell has had in this run before. */
  readonly updatesOfCell?: ReadonlyMap<number, number>;
}

/** Rows of a run that trains nothing: what its updates cost, and the state of the array after each step. */
export class UntrainedRows {
  readonly #parts: UntrainedRowsParts;
  readonly #updatesOfCell: Map<number, number>;

  constructor(parts: UntrainedRowsParts) {
    this.#parts = parts;
    this.#updatesOfCell = new Map(parts.updatesOfCell);
  }

  /** Accounts for what was executed in a step, between two readings. */
  updates(
    step: number,
    executed: readonly ExecutedUpdate[],
    before: ArrayReading,
    after: ArrayReading,
  ): NewRow<'updates'>[] {
    const { accounting, purpose } = this.#parts;
    const pulses = executed.reduce((sum, update) => sum + update.pulses.length, 0);
    const overhead = shareOf(
      accounting.ledger.overhead(before, after, { cellsRead: after.cells.length, pulses }),
      executed.length,
    );
    const codes = new Map(before.cells.map((reading) => [reading.cell, reading]));
    return executed.map((update) => {
      const nthOfCell = (this.#updatesOfCell.get(update.cell) ?? 0) + 1;
      this.#updatesOfCell.set(update.cell, nthOfCell);
      const reading = codes.get(update.cell);
      const context = {
        step,
        purpose,
        nthOfCell,
        wantedV: null,
        driftV: null,
        weightBeforeV: null,
        weightAfterV: null,
        node: { node: nodeNumber(update.cell, update.kind), temperatureK: before.temperatureK },
        overhead,
        presumedCode: (update.kind === 'SET' ? reading?.setCode : reading?.resetCode) ?? 0,
      };
      return updateRow(update, context, accounting);
    });
  }

  step(
    step: number,
    updates: readonly NewRow<'updates'>[],
    { before, after }: { readonly before: ArrayReading; readonly after: ArrayReading },
    wallNs: bigint,
  ): NewRow<'steps'> {
    const pulses = updates.reduce((sum, row) => sum + row.pulses, 0);
    const { readOutFJ, boardFJ } = this.#parts.accounting.ledger.overhead(before, after, {
      cellsRead: after.cells.length,
      pulses,
    });
    return {
      step,
      epoch: 0,
      train_accuracy: null,
      test_accuracy: null,
      train_loss: null,
      updates: updates.length,
      pulses,
      clipped: 0,
      common_mode_v: commonModeV(after, this.#parts.converters.nodeVPerCode),
      board_time_us: after.boardTimeUs,
      energy_readout_fj: readOutFJ,
      energy_board_fj: boardFJ,
      wall_ns: wallNs,
    };
  }
}

const commonModeV = ({ cells }: ArrayReading, nodeVPerCode: number): number =>
  (cells.reduce((sum, { setCode, resetCode }) => sum + setCode + resetCode, 0) / (2 * cells.length)) *
  nodeVPerCode;
