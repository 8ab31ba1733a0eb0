import type { Board } from '../board/board.ts';
import type { TimedPong } from '../board/link-news.ts';
import type { BatchOutcome } from '../board/types.ts';
import { FnloopError } from '../core/errors.ts';
import type { Judgement, SettledBatch, Verdict, Witness } from './journal.ts';
import type { PlannedBatch } from './plan.ts';

/** A batch that was sent, and what is known of it without asking again. */
export interface OpenBatch {
  readonly batch: PlannedBatch;
  /** Its outcome, `refused` when nothing of it was emitted, undefined when nothing is known. */
  readonly known: BatchOutcome | 'refused' | undefined;
}

export interface Inquiry {
  readonly pong: TimedPong;
  /** Batches that ran, oldest first, with outcomes that were known or asked for. */
  readonly executed: readonly { readonly batch: PlannedBatch; readonly outcome: BatchOutcome }[];
  /** The others, which follow them. */
  readonly left: readonly OpenBatch[];
  /** Whether those left never ran in this boot, or the board cannot tell any more. */
  readonly leftAre: 'unrun' | 'forgotten';
}

/** Asks the board what became of consecutive batches that were sent in the boot `bootNonce`. */
export async function inquire(board: Board, open: readonly OpenBatch[], bootNonce: number): Promise<Inquiry> {
  try {
    return await inquireOnce(board, open, bootNonce);
  } catch (error) {
    // It has restarted in between: the answer is another one now.
    if (error instanceof FnloopError && error.code === 'outcome-unknown')
      return inquire(board, open, bootNonce);
    throw error;
  }
}

async function inquireOnce(board: Board, open: readonly OpenBatch[], bootNonce: number): Promise<Inquiry> {
  const pong = await board.ping();
  const executed: { readonly batch: PlannedBatch; readonly outcome: BatchOutcome }[] = [];
  if (pong.bootNonce !== bootNonce) return { pong, executed, left: open, leftAre: 'forgotten' };
  for (const [index, { batch, known }] of open.entries()) {
    const left = open.slice(index);
    if (batch.batch > pong.lastBatch) return { pong, executed, left, leftAre: 'unrun' };
    const outcome = typeof known === 'object' ? known : await board.outcomeOf(batch, bootNonce);
    if (outcome === 'forgotten') return { pong, executed, left, leftAre: 'forgotten' };
    if (outcome === 'unrun') return { pong, executed, left, leftAre: 'unrun' };
    if (outcome !== known) {
      board.note((counts) => {
        counts.outcomesRecovered += 1;
      });
    }
    executed.push({ batch, outcome });
  }
  return { pong, executed, left: [], leftAre: 'unrun' };
}

/**
 * Decides from the cells how far a board came that cannot tell any more. It executes in order, so what it had answered
 * happened, and what it refused, with all after that, did not. Of batches without pulses, which only rest, it is certain that
 * they changed nothing but the time.
 */
export async function judge(
  witness: Witness,
  open: readonly OpenBatch[],
  bootNonce: number,
): Promise<{ readonly settled: readonly SettledBatch[]; readonly judgement: Judgement | undefined }> {
  const firstRefused = open.findIndex(({ known }) => known === 'refused');
  const doubtful = open.slice(0, firstRefused === -1 ? open.length : firstRefused);
  const certain = doubtful.findLastIndex(({ known }) => known !== undefined) + 1;
  const leastSlots = doubtful.slice(0, certain).reduce((sum, { batch }) => sum + batch.slots.length, 0);
  // A rest leaves nothing behind that the cells could tell, and nothing to account for.
  const isRest = doubtful.every(({ batch }) => batch.pulses.length === 0);
  const judgement =
    certain === doubtful.length || isRest
      ? undefined
      : await witness.judge(
          doubtful.map(({ batch }) => batch),
          leastSlots,
        );
  let slotsLeft = judgement?.slotsDone ?? leastSlots;
  const verdictOf = ({ batch, known }: OpenBatch, index: number): Verdict => {
    const slotsDone = Math.min(slotsLeft, batch.slots.length);
    slotsLeft -= slotsDone;
    if (typeof known === 'object') return { kind: 'executed', outcome: known };
    if (index >= doubtful.length) return { kind: 'unrun' };
    // One before an answered one has run, though its codes are lost.
    return { kind: 'inferred', slotsDone, confidence: index < certain ? 1 : (judgement?.confidence ?? 1) };
  };
  const settled = open.map((sent, index) => ({
    batch: sent.batch,
    bootNonce,
    verdict: verdictOf(sent, index),
  }));
  return { settled, judgement };
}
