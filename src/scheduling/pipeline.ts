import type { Board } from '../board/board.ts';
import { Refusal } from '../board/refusal.ts';
import type { BatchOutcome } from '../board/types.ts';
import { type ErrorCode, FnloopError } from '../core/errors.ts';
import { within } from '../core/waiting.ts';
import { inquire, judge, type OpenBatch } from './inquiry.ts';
import type { IntentContext, Journal, SettledBatch, Verdict, Witness } from './journal.ts';
import type { PlannedBatch } from './plan.ts';
import { restored } from './restored.ts';
import type { SettlingQueue } from './settling-queue.ts';
import { isLow, type Start, type Timetable } from './timetable.ts';

export interface PipelineParts {
  readonly board: Board;
  readonly journal: Journal;
  readonly witness: Witness;
  /** Writes what is settled, also after the pipeline has ended. */
  readonly settling: SettlingQueue;
  readonly signal: AbortSignal | undefined;
  /** Says when batches start; without it each starts as soon as it can. */
  readonly timetable?: Timetable | undefined;
}

type Reply = { readonly outcome: BatchOutcome } | { readonly error: unknown };

interface Sent {
  readonly batch: PlannedBatch;
  readonly start: Start | undefined;
  readonly reply: Promise<Reply>;
}

/** Faults after which the same batch may be sent again, once the board is fit for it. */
const PASSING: readonly string[] = ['batch-gap', 'busy', 'not-armed', 'no-wave', 'stale-batch', 'late'];

/** Windows of intents that are on disk before they are needed: their commit may have to wait for one of many rows. */
const AHEAD = 3;

/** Recoveries without any progress after which a pipeline gives up. */
const PATIENCE = 8;

/**
 * Sends batches of one boot in order, several under way, each exactly once. What is lost is settled with the board:
 * it executes ids without gaps, so those above its last one never ran and go out again, and the outcomes of those
 * below are asked for. Where the board has forgotten, the witness decides. A batch that comes too late for its start
 * is refused by the board, so it goes out again with another one and never runs late.
 */
export class Pipeline {
  readonly #parts: PipelineParts;
  readonly #batches: readonly PlannedBatch[];
  readonly #context: IntentContext;
  readonly #queue: SettlingQueue;
  readonly #settled: SettledBatch[] = [];
  readonly #sent: Sent[] = [];
  #intended = 0;
  #intending: Promise<void> = Promise.resolve();
  #next = 0;
  #fruitless = 0;

  constructor(parts: PipelineParts, batches: readonly PlannedBatch[], context: IntentContext) {
    this.#parts = parts;
    this.#batches = batches;
    this.#context = context;
    this.#queue = parts.settling;
  }

  /**
   * Runs until every batch is settled, the signal aborts, a batch is cut, or the board has restarted or was brought to rest by
   * something else. Returns what
   * was settled, in order, some of which may still be on its way to disk; batches after that never ran. Rejects when the link ends, the record cannot be written or the board
   * refuses a batch for good: what may have run then stays an open intent.
   */
  async run(): Promise<readonly SettledBatch[]> {
    try {
      let mayGoOn = true;
      do {
        const earlyMs: number | undefined = mayGoOn ? await this.#fill() : undefined;
        mayGoOn = (await this.#settleOldest(earlyMs)) && mayGoOn;
      } while (this.#sent.length > 0 || (mayGoOn && this.#mayFill()));
    } finally {
      await this.#leave();
    }
    return this.#settled;
  }

  /** False where nothing more is to be sent. Waits for the oldest reply no longer than `forMs`, where that is given. */
  async #settleOldest(forMs: number | undefined): Promise<boolean> {
    const oldest = this.#sent[0];
    if (oldest === undefined) return true;
    const reply = await (forMs === undefined ? oldest.reply : within(forMs, oldest.reply));
    if (reply === undefined) return true;
    return 'outcome' in reply ? this.#accept(oldest, reply.outcome) : this.#recover(oldest, reply.error);
  }

  /** What certainly never ran is settled as that, however the run ended. */
  async #leave(): Promise<void> {
    await Promise.allSettled([this.#intending]);
    for (const { batch, reply } of this.#sent.splice(0)) {
      const replied = await reply;
      if ('error' in replied && isUnemitted(replied.error)) this.#settle(batch, { kind: 'unrun' });
    }
    for (const batch of this.#batches.slice(this.#next, this.#intended))
      this.#settle(batch, { kind: 'unrun' });
  }

  #mayFill(): boolean {
    const { board, signal } = this.#parts;
    const isSameBoot = !board.hasForgotten && board.bootNonce === this.#context.bootNonce;
    const mayWork = board.rest === undefined && isSameBoot;
    return mayWork && this.#next < this.#batches.length && !signal?.aborted;
  }

  /**
   * Sends as much as window, board memory and timetable allow, each batch after its intent. Returns after how many
   * ms the next batch may be sent, where it is only too early for it.
   */
  async #fill(): Promise<number | undefined> {
    const { board, timetable } = this.#parts;
    while (this.#mayFill() && this.#sent.length < board.depth) {
      // A crash here must find the outcomes of all that is not on disk yet in the board's memory.
      if (this.#sent.length + this.#queue.pending >= board.identity.results) {
        if (this.#sent.length > 0) return undefined;
        await this.#queue.flushed();
      }
      if (this.#next >= this.#intended) await this.#intend();
      else if (this.#next + AHEAD * board.depth >= this.#intended) void this.#intend();
      if (this.#queue.failure !== undefined) throw this.#queue.failure;
      const start = await timetable?.next(this.#sent.length === 0);
      const earlyMs = start === undefined ? 0 : (timetable?.earlyMs(start) ?? 0);
      const batch = this.#batches[this.#next];
      if (batch === undefined || !this.#mayFill()) return undefined;
      if (earlyMs > 0) return earlyMs;
      this.#next += 1;
      if (start !== undefined) timetable?.sent(batch, start);
      this.#sent.push({ batch, start, reply: this.#send({ ...batch, atUs: start?.atUs }) });
    }
    return undefined;
  }

  /** Commits the intents of the next batches, many at once; one commit at a time. */
  #intend(): Promise<void> {
    this.#intending = this.#intending.then(async () => {
      const { board, journal } = this.#parts;
      if (this.#intended >= this.#batches.length || this.#intended > this.#next + AHEAD * board.depth) return;
      const chunk = this.#batches.slice(this.#intended, this.#intended + 2 * AHEAD * board.depth);
      await journal.intend(chunk, this.#context);
      this.#intended += chunk.length;
    });
    this.#intending.catch((error: unknown) => this.#queue.fail(error));
    return this.#intending;
  }

  async #send(batch: PlannedBatch): Promise<Reply> {
    try {
      return { outcome: await this.#parts.board.run(batch) };
    } catch (error) {
      return { error };
    }
  }

  /** False where the batch was cut: nothing is sent after it. */
  async #accept(sent: Sent, outcome: BatchOutcome): Promise<boolean> {
    this.#sent.splice(this.#sent.indexOf(sent), 1);
    this.#fruitless = 0;
    this.#parts.witness.note(sent.batch, outcome);
    this.#settle(sent.batch, { kind: 'executed', outcome });
    await this.#warnOf(sent, outcome.slackUs);
    return outcome.slotsDone === sent.batch.slots.length;
  }

  /** Counts a batch that was nearly late, and says so once a step. */
  async #warnOf({ batch, start }: Sent, slackUs: number | undefined): Promise<void> {
    const { board, journal, timetable } = this.#parts;
    const { step } = this.#context;
    if (start === undefined || slackUs === undefined || !isLow(slackUs, start)) return;
    board.note((counts) => {
      counts.lowSlack += 1;
    });
    if (!timetable?.mayWarn(step)) return;
    const { plannedSlackUs } = start;
    await journal.event(step, 'low-slack', { intent: batch.intent, slackUs, plannedSlackUs });
  }

  #settle(batch: PlannedBatch, verdict: Verdict): void {
    const settled = { batch, bootNonce: this.#context.bootNonce, verdict };
    this.#settled.push(settled);
    this.#queue.add(settled);
  }

  /** Finds out what became of all that is under way; false where nothing more may be sent in this boot. */
  async #recover(failed: Sent, error: unknown): Promise<boolean> {
    const { board, journal, witness, timetable } = this.#parts;
    const { step, bootNonce } = this.#context;
    this.#fruitless += 1;
    const open = await Promise.all(this.#sent.map(openBatch));
    if (error instanceof Refusal && error.fault === 'late') await this.#noteLate(failed, error);
    if (!(error instanceof FnloopError) || this.#fruitless > PATIENCE) throw error;
    const { pong, executed, left, leftAre } = await inquire(board, open, bootNonce);
    if (isFinal(error) && pong.bootNonce === bootNonce) throw error;
    for (const { batch, outcome } of executed) {
      const sent = this.#sent.find((candidate) => candidate.batch === batch);
      if (sent !== undefined && !(await this.#accept(sent, outcome))) return false;
    }
    const start = this.#sent[0]?.start;
    if (start !== undefined) timetable?.resume(start, pong.boardTimeUs);
    this.#sent.splice(0);
    if (leftAre === 'forgotten') {
      const { settled, judgement } = await judge(witness, left, bootNonce);
      if (judgement !== undefined) {
        const intents = settled.map(({ batch }) => batch.intent);
        await journal.event(step, 'inferred', { bootNonce, intents, ...judgement });
      }
      for (const { batch, verdict } of settled) this.#settle(batch, verdict);
      return false;
    }
    this.#next -= left.length;
    board.note((counts) => {
      counts.batchesResent += left.length;
      counts.disarmings += pong.armed === 'no' ? 1 : 0;
    });
    // Whoever stops a run, or is beside it, may bring the board to rest, which is then to stay there.
    if (this.#parts.signal?.aborted || board.rest !== undefined) return true;
    // It may have come to rest, and forgotten its waves, between the two requests that made it ready.
    if (pong.armed === 'no' || (error instanceof Refusal && error.fault === 'no-wave')) {
      await journal.event(step, 'rearmed', {
        reason: 'its dead-man had brought the board to rest, or it had no waves',
      });
      await restored(board, this.#parts.signal);
    }
    return true;
  }

  /** Counts and records a batch that came too late. Throws when that goes on. */
  async #noteLate({ batch }: Sent, refusal: Refusal): Promise<void> {
    const { board, journal, timetable } = this.#parts;
    const { intent } = batch;
    const { slackUs } = refusal;
    board.note((counts) => {
      counts.lateBatches += 1;
    });
    await journal.event(this.#context.step, 'late', { intent, slackUs, leadMs: timetable?.leadMs });
    if (this.#fruitless <= PATIENCE) return;
    throw new FnloopError(
      'board-refused',
      `Batch ${batch.batch} came too late for board ${board.identity.boardId} ${this.#fruitless} times, the last time by ${-(slackUs ?? 0)} us, ` +
        `although it was sent ${timetable?.leadMs ?? 0} ms before its start. The lead has to be longer than host and link take.`,
      { cause: refusal },
    );
  }
}

async function openBatch({ batch, reply }: Sent): Promise<OpenBatch> {
  const replied = await reply;
  if ('outcome' in replied) return { batch, known: replied.outcome };
  return { batch, known: isUnemitted(replied.error) ? 'refused' : undefined };
}

/** The board has said, or the host knows, that nothing was emitted. */
const isUnemitted = (error: unknown): boolean =>
  (error instanceof Refusal && error.fault !== 'stale-batch') ||
  (error instanceof FnloopError && UNSENT.includes(error.code));

/** The host knows that it did not send the batch. */
const UNSENT: readonly ErrorCode[] = ['limit-exceeded', 'brought-to-rest'];

/** Sending the same again would end the same way. */
const isFinal = (error: FnloopError): boolean =>
  error instanceof Refusal ? !PASSING.includes(error.fault) : !PASSED_OVER.includes(error.code);

/** The batch may go out once the link is up again, or nothing more is sent anyway. */
const PASSED_OVER: readonly ErrorCode[] = ['outcome-unknown', 'link-lost', 'brought-to-rest'];
