import { setImmediate } from 'node:timers/promises';
import { commonModeV, weightV } from '../../calibration/physics/cell.ts';
import type { Converters } from '../../src/board/converters.ts';
import type { LinkStatistics } from '../../src/board/link-statistics.ts';
import type { ArrayReading } from '../../src/board/types.ts';
import type { Clock } from '../../src/core/clock.ts';
import { type Overhead, shareOf } from '../../src/ledger/overhead.ts';
import type { ExecutedUpdate } from '../../src/scheduling/runner.ts';
import type { RunFile } from '../../src/store/run-file.ts';
import type { NewRow } from '../../src/store/tables.ts';
import { type Accounting, updateRow } from '../../src/store/update-row.ts';

/** What was wanted of a cell, V. */
export interface Wanted {
  readonly wantedV: number;
  readonly driftV: number;
}

export interface FinishedStep {
  readonly step: number;
  readonly executed: readonly ExecutedUpdate[];
  /** After the step's last pulse. */
  readonly reading: ArrayReading;
  readonly wanted?: ReadonlyMap<number, Wanted>;
  readonly link: LinkStatistics;
}

export interface AccountantParts {
  readonly runFile: RunFile;
  readonly accounting: Accounting;
  readonly converters: Converters;
  readonly clock: Clock;
  readonly cells: number;
}

/** Rows made at a time: lines that come meanwhile wait for about 2 ms. */
const ROWS_AT_A_TIME = 512;

/** Accounts for steps and records them whole, as training does, while the next step may be under way. */
export class Accountant {
  readonly #parts: AccountantParts;
  /** Last code of each node, S then R of each cell. */
  readonly #codes: Int32Array;
  readonly #updatesOfCell: Uint32Array;
  #before: ArrayReading = { bootNonce: 0, boardTimeUs: 0, temperatureK: undefined, cells: [] };

  constructor(parts: AccountantParts) {
    this.#parts = parts;
    this.#codes = new Int32Array(2 * parts.cells);
    this.#updatesOfCell = new Uint32Array(parts.cells);
  }

  /** Takes the codes before the first step. */
  begin(reading: ArrayReading): void {
    this.#before = reading;
    this.#note(reading);
  }

  /** Resolves once the step is on disk: each update with its costs and sigmas, and the reading after it. */
  async record({ step, executed, reading, wanted, link }: FinishedStep): Promise<void> {
    const updates: NewRow<'updates'>[] = [];
    const pulses = executed.reduce((sum, update) => sum + update.pulses.length, 0);
    const { readOutFJ, boardFJ } = this.#parts.accounting.ledger.overhead(this.#before, reading, {
      cellsRead: reading.cells.length,
      pulses,
    });
    const overhead = shareOf({ readOutFJ, boardFJ }, executed.length);
    for (let first = 0; first < executed.length; first += ROWS_AT_A_TIME) {
      if (first > 0) await setImmediate();
      for (const update of executed.slice(first, first + ROWS_AT_A_TIME))
        updates.push(this.#rowOf(update, { step, overhead, wanted: wanted?.get(update.cell) }));
    }
    this.#note(reading);
    this.#before = reading;
    const { runFile, clock, converters } = this.#parts;
    const { boardTimeUs, cells } = reading;
    const { nodeVPerCode } = converters;
    const commonModesV = cells.map(({ setCode, resetCode }) =>
      commonModeV({ setNodeV: setCode * nodeVPerCode, resetNodeV: resetCode * nodeVPerCode }),
    );
    await runFile.record({
      step: {
        step,
        epoch: 0,
        train_accuracy: null,
        test_accuracy: null,
        train_loss: null,
        updates: updates.length,
        pulses,
        clipped: 0,
        common_mode_v: commonModesV.reduce((sum, modeV) => sum + modeV, 0) / cells.length,
        board_time_us: boardTimeUs,
        energy_readout_fj: readOutFJ,
        energy_board_fj: boardFJ,
        wall_ns: clock.wallNs(),
      },
      reading,
      updates,
      link,
    });
  }

  #rowOf(
    update: ExecutedUpdate,
    {
      step,
      overhead,
      wanted,
    }: { readonly step: number; readonly overhead: Overhead; readonly wanted: Wanted | undefined },
  ): NewRow<'updates'> {
    const { cell, kind, pulses } = update;
    const node = 2 * cell + (kind === 'SET' ? 0 : 1);
    const presumedCode = this.#codes[node] ?? 0;
    const nthOfCell = (this.#updatesOfCell[cell] ?? 0) + 1;
    this.#updatesOfCell[cell] = nthOfCell;
    this.#codes[node] = pulses[0]?.codes?.before ?? presumedCode;
    const weightBeforeV = this.#weightV(cell);
    this.#codes[node] = pulses.at(-1)?.codes?.after ?? presumedCode;
    const context = {
      step,
      purpose: 'soak' as const,
      nthOfCell,
      wantedV: wanted?.wantedV ?? null,
      driftV: wanted?.driftV ?? null,
      weightBeforeV,
      weightAfterV: this.#weightV(cell),
      node: { node, temperatureK: undefined },
      overhead,
      presumedCode,
    };
    return updateRow(update, context, this.#parts.accounting);
  }

  #weightV(cell: number): number {
    const { nodeVPerCode } = this.#parts.converters;
    const setNodeV = (this.#codes[2 * cell] ?? 0) * nodeVPerCode;
    const resetNodeV = (this.#codes[2 * cell + 1] ?? 0) * nodeVPerCode;
    return weightV({ setNodeV, resetNodeV }, 1);
  }

  #note({ cells }: ArrayReading): void {
    for (const { cell, setCode, resetCode } of cells) {
      this.#codes[2 * cell] = setCode;
      this.#codes[2 * cell + 1] = resetCode;
    }
  }
}
