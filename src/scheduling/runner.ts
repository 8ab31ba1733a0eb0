import { batchCapacity } from '../board/batch-capacity.ts';
import type { Board } from '../board/board.ts';
import { FnloopError } from '../core/errors.ts';
import type { Budget } from './budget.ts';
import { type Journal, type SettledBatch, slotsDoneOf, type Witness } from './journal.ts';
import { Pipeline } from './pipeline.ts';
import { type PlannedBatch, type PlannedUpdate, planBatches, restBatch } from './plan.ts';
import { type ExecutedUpdate, PulseTally } from './pulse-tally.ts';
import { restored } from './restored.ts';
import { SettlingQueue } from './settling-queue.ts';
import { Timetable } from './timetable.ts';

export type { ExecutedUpdate, PulseRecord } from './pulse-tally.ts';

export interface RunnerParts {
  readonly board: Board;
  readonly journal: Journal;
  readonly witness: Witness;
  /** Refuses plans that would wear a node out; without one, nothing does. */
  readonly budget?: Budget | undefined;
  /** Rest after each slot, us. */
  readonly gapUs: number;
  /** Pulses of a batch; as many as the board takes where absent. */
  readonly mostPulses?: number;
  /** Intents that the journal holds already. */
  readonly intents?: number | undefined;
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
  readonly #settling: SettlingQueue;
  readonly #timetable: Timetable | undefined;
  #nextIntent: number;
  #nextBatch: number;
  /** The boot of the board that `#nextBatch` counts in. */
  #boot: number;

  /** Throws `limit-exceeded` when the lead is more than a batch may wait on the board. */
  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#settling = new SettlingQueue(parts.journal);
    if (parts.leadMs !== undefined) this.#timetable = new Timetable(parts.board, parts.leadMs);
    this.#nextIntent = (parts.intents ?? 0) + 1;
    const { bootNonce, lastBatch } = parts.board.identity;
    this.#boot = bootNonce;
    this.#nextBatch = lastBatch + 1;
  }

  /**
   * Executes updates in order, through lost lines, lost links and restarts of the board. Rejects when the link
   * has ended or the board refuses for good: what may have run then stays an open intent in the journal; and with
   * `limit-exceeded` before anything is sent that the budget does not allow. An abort ends it after the
   * batches in flight: updates that were not begun are left out. Where something else brings the board to rest it rejects with
   * `brought-to-rest`, unless whoever runs it has aborted by then: what was done is settled.
   */
  async execute(
    updates: readonly PlannedUpdate[],
    step: number,
    signal?: AbortSignal,
  ): Promise<ExecutedUpdate[]> {
    const { executed } = await this.executeThen(updates, step, async () => {}, signal);
    return executed;
  }

  /**
   * As `execute`, and does what comes next on the board, such as reading it, while the outcomes go to disk.
   * Resolves once both are done: whatever is recorded after that finds the outcomes on disk.
   */
  async executeThen<T>(
    updates: readonly PlannedUpdate[],
    step: number,
    next: () => Promise<T>,
    signal?: AbortSignal,
  ): Promise<{ readonly executed: ExecutedUpdate[]; readonly following: T }> {
    try {
      const executed = await this.#execute(updates, step, signal);
      return { executed, following: await next() };
    } finally {
      await this.#settling.flushed();
    }
  }

  /**
   * Lets so much board time pass without a pulse, as batches that are journaled like any other: for a board on virtual time,
   * which passes only by what the board does. Each board starts its rest anew where nobody can tell how long it rested. An
   * abort ends it after the batch in flight.
   */
  async rest(durationUs: number, step: number, signal?: AbortSignal): Promise<void> {
    try {
      let leftUs = durationUs;
      let fruitless = 0;
      while (leftUs > 0 && !signal?.aborted) {
        this.#parts.board.assertMayArm();
        if (this.#hasRestarted) await this.#beginAnew(step, signal);
        const batch = restBatch(leftUs, { batch: this.#nextBatch, intent: this.#nextIntent });
        const [settled] = await this.#send([batch], step, signal);
        const slotsDone = settled?.verdict.kind === 'executed' ? slotsDoneOf(settled.verdict) : 0;
        leftUs = slotsDone === batch.slots.length ? 0 : leftUs - slotsDone * batch.gapUs;
        fruitless = slotsDone > 0 ? 0 : fruitless + 1;
        if (fruitless > PATIENCE) throw stuck(this.#parts.board);
      }
    } finally {
      await this.#settling.flushed();
    }
  }

  async #execute(
    updates: readonly PlannedUpdate[],
    step: number,
    signal: AbortSignal | undefined,
  ): Promise<ExecutedUpdate[]> {
    const { board, budget, gapUs } = this.#parts;
    const tally = new PulseTally(updates);
    let left = updates;
    let fruitless = 0;
    while (left.length > 0 && !signal?.aborted) {
      board.assertMayArm();
      if (this.#hasRestarted) await this.#beginAnew(step, signal);
      const batches = planBatches(left, {
        firstBatch: this.#nextBatch,
        firstIntent: this.#nextIntent,
        gapUs,
        maxPulses: Math.min(
          batchCapacity(board.identity, board.bytesPerS),
          this.#parts.mostPulses ?? Number.POSITIVE_INFINITY,
        ),
      });
      budget?.assertAllows(batches);
      const settled = await this.#send(batches, step, signal);
      budget?.spend(settled);
      const executed = this.#collect(settled, tally);
      fruitless = executed > 0 ? 0 : fruitless + 1;
      if (fruitless > PATIENCE) throw stuck(board);
      left = tally.left();
      if (left.length > 0) await this.#settling.flushed();
    }
    return tally.executed();
  }

  /** Sends batches of the present boot as far as it goes; batch ids go on after what may have run. */
  async #send(
    batches: readonly PlannedBatch[],
    step: number,
    signal: AbortSignal | undefined,
  ): Promise<readonly SettledBatch[]> {
    const { board, journal, witness } = this.#parts;
    const timetable = this.#timetable;
    this.#nextIntent += batches.length;
    timetable?.restart();
    const settled = await new Pipeline(
      { board, journal, witness, settling: this.#settling, timetable, signal },
      batches,
      { step, bootNonce: this.#boot },
    ).run();
    for (const { batch, verdict } of settled) if (verdict.kind !== 'unrun') this.#nextBatch = batch.batch + 1;
    return settled;
  }

  /** Its waves may be there nevertheless: they were being defined as it restarted. */
  get #hasRestarted(): boolean {
    const { board } = this.#parts;
    return board.hasForgotten || board.bootNonce !== this.#boot;
  }

  /**
   * A board that has restarted counts its batches from the beginning, and needs its waves and arming again, anew where it restarts
   * meanwhile.
   */
  async #beginAnew(step: number, signal: AbortSignal | undefined): Promise<void> {
    const { board, journal, witness } = this.#parts;
    for (let restarts = 0; this.#hasRestarted && !signal?.aborted; restarts += 1) {
      if (restarts > PATIENCE) throw stuck(board);
      const { bootNonce, lastBatch } = await board.ping();
      await journal.event(step, 'rebooted', { bootNonce, lastBatch });
      await journal.reading(step, await witness.refresh());
      this.#boot = bootNonce;
      this.#nextBatch = lastBatch + 1;
      await restored(board, signal);
    }
  }

  /** Adds executed pulses to their updates; returns how many there were. */
  #collect(settled: readonly SettledBatch[], tally: PulseTally): number {
    const { board } = this.#parts;
    let executed = 0;
    for (const { batch, verdict } of settled) {
      const slotsDone = slotsDoneOf(verdict);
      const codes = verdict.kind === 'executed' ? verdict.outcome.codes : undefined;
      const idleUsOf = batch.slots.map((each) => board.idleUs(each));
      for (const [index, { update, slot, wave }] of batch.pulses.entries()) {
        if (slot >= slotsDone) break;
        executed += 1;
        tally.add(update, {
          intent: batch.intent,
          slot,
          wave,
          idleUs: idleUsOf[slot]?.(wave) ?? 0,
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
