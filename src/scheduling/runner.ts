import { maxPulsesPerBatch } from '../../firmware-protocol/capacity.ts';
import type { Board } from '../board/board.ts';
import type { BatchOutcome } from '../board/types.ts';
import { FnloopError } from '../core/errors.ts';
import { type PlannedBatch, type PlannedUpdate, planBatches } from './plan.ts';

/** Remembers what was meant before it is sent, and what became of it. */
export interface Journal {
  /** Resolves once the intent is on disk; only then may the batch's bytes leave. */
  intend(batch: PlannedBatch, context: { readonly step: number; readonly durationUs: number }): Promise<void>;
  /** Records the raw codes of an executed batch. */
  settle(batch: PlannedBatch, outcome: BatchOutcome): Promise<void>;
}

/** One executed pulse with its node's raw codes. */
export interface PulseRecord {
  readonly batch: number;
  readonly slot: number;
  readonly wave: number;
  /** Time between its two codes in which the pulse was not on, us. */
  readonly idleUs: number;
  readonly beforeCode: number;
  readonly afterCode: number;
}

/** What a planned update became on the board. */
export interface ExecutedUpdate extends PlannedUpdate {
  readonly pulses: readonly PulseRecord[];
}

/** Board, journal and batch ids: turns planned updates into executed ones, exactly once each. */
export class Runner {
  readonly #board: Board;
  readonly #journal: Journal;
  readonly #gapUs: number;
  #nextBatch: number;

  constructor(board: Board, journal: Journal, { gapUs }: { readonly gapUs: number }) {
    this.#board = board;
    this.#journal = journal;
    this.#gapUs = gapUs;
    this.#nextBatch = board.identity.lastBatch + 1;
  }

  /**
   * Executes updates in order. Rejects with `outcome-unknown` when a batch's outcome cannot be had even by
   * asking again: its intent stays open in the journal and nothing more is sent. An abort ends it after the
   * batch in flight: updates that were not begun are left out.
   */
  async execute(
    updates: readonly PlannedUpdate[],
    step: number,
    signal?: AbortSignal,
  ): Promise<ExecutedUpdate[]> {
    const batches = planBatches(updates, {
      firstBatch: this.#nextBatch,
      gapUs: this.#gapUs,
      maxPulses: maxPulsesPerBatch(this.#board.identity.lineBytes),
    });
    this.#nextBatch += batches.length;
    const pulses = new Map(updates.map(({ update }): [number, PulseRecord[]] => [update, []]));
    for (const batch of batches) {
      if (signal?.aborted) break;
      await this.#journal.intend(batch, { step, durationUs: this.#board.durationUs(batch) });
      const outcome = await this.#outcomeOf(batch);
      await this.#journal.settle(batch, outcome);
      batch.pulses.forEach(({ update, slot, wave }, index) => {
        const [beforeCode = 0, afterCode = 0] = outcome.codes.subarray(2 * index, 2 * index + 2);
        const idleUs = this.#board.idleUs(batch.slots[slot] ?? [], wave);
        pulses.get(update)?.push({ batch: batch.batch, slot, wave, idleUs, beforeCode, afterCode });
      });
    }
    return updates
      .map((update) => ({ ...update, pulses: pulses.get(update.update) ?? [] }))
      .filter(({ pulses: executed }) => executed.length > 0);
  }

  async #outcomeOf(batch: PlannedBatch): Promise<BatchOutcome> {
    try {
      return await this.#board.run(batch);
    } catch (error) {
      if (!(error instanceof FnloopError) || error.code !== 'outcome-unknown') throw error;
      const outcome = await this.#board.outcomeOf(batch).catch(() => undefined);
      if (outcome === undefined) throw error;
      return outcome;
    }
  }
}
