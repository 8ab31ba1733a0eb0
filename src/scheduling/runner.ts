import { type Board, batchCapacity } from '../board/board.ts';
import { FnloopError } from '../core/errors.ts';
import { type Journal, type SettledBatch, slotsDoneOf, type Witness } from './journal.ts';
import { Pipeline } from './pipeline.ts';
import { type PlannedUpdate, planBatches } from './plan.ts';
import { Timetable } from './timetable.ts';

/** One executed pulse with its node's raw codes, which are null where the pulse was inferred. */
export interface PulseRecord {
  readonly intent: number;
  readonly slot: number;
  readonly wave: number;
  /** Time between its two codes in which the pulse was not on, us. */
  readonly idleUs: number;
  readonly codes: { readonly before: number; readonly after: number } | null;
}

/** What a planned update became on the board. */
export interface ExecutedUpdate extends PlannedUpdate {
  readonly pulses: readonly PulseRecord[];
}

export interface RunnerParts {
  readonly board: Board;
  readonly journal: Journal;
  readonly witness: Witness;
  /** Rest after each slot, us. */
  readonly gapUs: number;
  /** Intents that the journal holds already. */
  readonly intents?: number;
  /**
   * Gives batches start times on the board's clock: the first of a step this long after now, ms, the others
   * right after one another. As soon as they can be where absent.
   */
  readonly leadMs?: number | undefined;
}

/** Boots, or cut batches, that one step may meet without any pulse executed in between. */
const PATIENCE = 5;

/** Board, journal and batch ids: turns planned updates into executed ones, exactly once each. */
export class Runner {
  readonly #parts: RunnerParts;
  readonly #timetable: Timetable | undefined;
  #nextIntent: number;
  #nextBatch: number;

  /** Throws `limit-exceeded` when the lead is more than a batch may wait on the board. */
  constructor(parts: RunnerParts) {
    this.#parts = parts;
    if (parts.leadMs !== undefined) this.#timetable = new Timetable(parts.board, parts.leadMs);
    this.#nextIntent = (parts.intents ?? 0) + 1;
    this.#nextBatch = parts.board.identity.lastBatch + 1;
  }

  /**
   * Executes updates in order, through lost lines, lost links and restarts of the board. Rejects when the link
   * has ended or the board refuses for good: what may have run then stays an open intent in the journal. An abort ends it after the
   * batches in flight: updates that were not begun are left out.
   */
  async execute(
    updates: readonly PlannedUpdate[],
    step: number,
    signal?: AbortSignal,
  ): Promise<ExecutedUpdate[]> {
    const { board, journal, witness, gapUs } = this.#parts;
    const timetable = this.#timetable;
    const pulses = new Map(updates.map(({ update }): [number, PulseRecord[]] => [update, []]));
    let left = updates;
    let fruitless = 0;
    while (left.length > 0 && !signal?.aborted) {
      if (board.hasForgotten) await this.#beginAnew(step);
      const batches = planBatches(left, {
        firstBatch: this.#nextBatch,
        firstIntent: this.#nextIntent,
        gapUs,
        maxPulses: batchCapacity(board.identity),
      });
      this.#nextIntent += batches.length;
      const context = { step, bootNonce: board.bootNonce };
      timetable?.restart();
      const pipeline = new Pipeline({ board, journal, witness, signal, timetable }, batches, context);
      const settled = await pipeline.run();
      const executed = this.#collect(settled, pulses);
      fruitless = executed > 0 ? 0 : fruitless + 1;
      if (fruitless > PATIENCE) throw stuck(board);
      left = left.flatMap((update) => {
        const waves = update.waves.slice(pulses.get(update.update)?.length ?? 0);
        return waves.length === 0 ? [] : [{ ...update, waves }];
      });
    }
    return updates
      .map((update) => ({ ...update, pulses: pulses.get(update.update) ?? [] }))
      .filter(({ pulses: executed }) => executed.length > 0);
  }

  /** A board that has restarted counts its batches from the beginning, and needs its waves and arming again. */
  async #beginAnew(step: number): Promise<void> {
    const { board, journal } = this.#parts;
    const { bootNonce, lastBatch } = await board.ping();
    await journal.event(step, 'rebooted', { bootNonce, lastBatch });
    this.#nextBatch = lastBatch + 1;
    await board.restore();
  }

  /** Adds executed pulses to their updates; returns how many there were. */
  #collect(settled: readonly SettledBatch[], pulses: ReadonlyMap<number, PulseRecord[]>): number {
    const { board } = this.#parts;
    let executed = 0;
    for (const { batch, verdict } of settled) {
      if (verdict.kind !== 'unrun') this.#nextBatch = batch.batch + 1;
      const slotsDone = slotsDoneOf(verdict);
      const codes = verdict.kind === 'executed' ? verdict.outcome.codes : undefined;
      for (const [index, { update, slot, wave }] of batch.pulses.entries()) {
        if (slot >= slotsDone) break;
        executed += 1;
        pulses.get(update)?.push({
          intent: batch.intent,
          slot,
          wave,
          idleUs: board.idleUs(batch.slots[slot] ?? [], wave),
          codes:
            codes === undefined ? null : { before: codes[2 * index] ?? 0, after: codes[2 * index + 1] ?? 0 },
        });
      }
    }
    return executed;
  }
}

const stuck = (board: Board) =>
  new FnloopError(
    'chip-unfit',
    `Board ${board.identity.boardId} restarted or cut its batches ${PATIENCE + 1} times without a pulse in between. Is its supply sound?`,
  );
