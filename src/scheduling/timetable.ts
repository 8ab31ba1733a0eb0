import type { Board } from '../board/board.ts';
import { MOST_LEAD_US } from '../board/timing.ts';
import type { Batch } from '../board/types.ts';
import { FnloopError } from '../core/errors.ts';

const US_PER_MS = 1000;

/** What a board in real time gets between two batches, to answer the one and begin the other, us. */
const TURNAROUND_US = 5_000;

/** When a batch is to start. */
export interface Start {
  /** On the board's clock, us. */
  readonly atUs: number;
  /** Time that the board should have left when it could begin the batch, us. */
  readonly plannedSlackUs: number;
}

/**
 * When batches start, on the board's clock. The first of a step waits for the lead, so that it is there
 * in time; each other one starts when the one before it ends: on virtual time at once, so that none passes that the board did
 * not need, in real time after a turnaround.
 */
export class Timetable {
  readonly leadMs: number;
  readonly #board: Board;
  readonly #turnaroundUs: number;
  /** When the next batch starts; undefined where none is to follow on. */
  #nextUs: number | undefined;
  #warnedStep: number | undefined;

  /** Throws `limit-exceeded` unless the lead is more than 0 ms and not more than a batch may wait on the board. */
  constructor(board: Board, leadMs: number) {
    if (!(leadMs > 0 && leadMs * US_PER_MS <= MOST_LEAD_US)) {
      throw new FnloopError(
        'limit-exceeded',
        `A lead of ${leadMs} ms is not possible: expected more than 0 ms, and up to ${MOST_LEAD_US / US_PER_MS} ms. Nothing was sent.`,
      );
    }
    this.leadMs = leadMs;
    this.#board = board;
    this.#turnaroundUs = this.#isReal ? TURNAROUND_US : 0;
  }

  /**
   * The start of the next batch. `isIdle` says that the board has nothing under way: then a real one is past the
   * end of the batch before, and the lead counts anew.
   */
  async next(isIdle: boolean): Promise<Start> {
    const nextUs = isIdle && this.#isReal ? undefined : this.#nextUs;
    if (nextUs !== undefined) return { atUs: nextUs, plannedSlackUs: this.#turnaroundUs };
    const leadUs = Math.round(this.leadMs * US_PER_MS);
    return { atUs: Math.ceil(await this.#board.timeUs()) + leadUs, plannedSlackUs: leadUs };
  }

  /** How long the batch is to wait here, so that it waits on the board for no longer than it may, ms. */
  earlyMs({ atUs }: Start): number {
    return Math.max(0, this.#board.untilMs(atUs) - MOST_LEAD_US / US_PER_MS);
  }

  /** Takes note that a batch was sent to start then. */
  sent(batch: Batch, { atUs }: Start): void {
    this.#nextUs = atUs + this.#board.durationUs(batch) + this.#turnaroundUs;
  }

  /**
   * Batches sent were lost, refused or forgotten; the first of them was to start as given. On virtual time it can
   * still do so, unless its time has passed.
   */
  resume({ atUs }: Start, boardTimeUs: number): void {
    this.#nextUs = this.#isReal || atUs < boardTimeUs ? undefined : atUs;
  }

  /** What comes next follows on nothing: a step begins, or the board has started anew, and its clock with it. */
  restart(): void {
    this.#nextUs = undefined;
  }

  /** True once a step. */
  mayWarn(step: number): boolean {
    const isFirst = this.#warnedStep !== step;
    this.#warnedStep = step;
    return isFirst;
  }

  get #isReal(): boolean {
    return this.#board.identity.clock === 'real';
  }
}

/** Below that share of the planned slack a batch has come close to being late. */
const LOW_SHARE = 0.25;

/** True where a batch came so late that the next delay may be too much for one. */
export const isLow = (slackUs: number, { plannedSlackUs }: Start): boolean =>
  slackUs < LOW_SHARE * plannedSlackUs;
