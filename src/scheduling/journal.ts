import type { ArrayReading, BatchOutcome } from '../board/types.ts';
import type { PlannedBatch } from './plan.ts';

/** What became of a batch that was meant to be sent. */
export type Verdict =
  /** The board said so, in its reply to RUN or, after that was lost, to RESULT. */
  | { readonly kind: 'executed'; readonly outcome: BatchOutcome }
  /** The board has forgotten: the cells were read, and the first slots most probably happened. */
  | { readonly kind: 'inferred'; readonly slotsDone: number; readonly confidence: number }
  /** It never ran: the board said so, or it was never sent. */
  | { readonly kind: 'unrun' };

/** A batch, the boot of the board that it was meant for, and its end. */
export interface SettledBatch {
  readonly batch: PlannedBatch;
  readonly bootNonce: number;
  readonly verdict: Verdict;
}

/** When and why batches are sent. */
export interface IntentContext {
  readonly step: number;
  readonly bootNonce: number;
}

/** Remembers what was meant before it is sent, and what became of it. */
export interface Journal {
  /** Resolves once the intents are on disk; only then may the batches' bytes leave. */
  intend(batches: readonly PlannedBatch[], context: IntentContext): Promise<void>;
  /** Resolves once it is on disk what became of the batches, with the raw codes of executed ones. */
  settle(settled: readonly SettledBatch[]): Promise<void>;
  /** What the cells read where the board had restarted, before anything else is sent to it. */
  reading(step: number, reading: ArrayReading): Promise<void>;
  /** Something about the link that the record should say. */
  event(step: number, name: string, detail: unknown): Promise<void>;
}

/** Finds out from the cells what the board can no longer tell. */
export interface Witness {
  /** Takes note of what is known for certain of the cells. */
  note(batch: PlannedBatch, outcome: BatchOutcome): void;
  /**
   * How many of the slots of consecutive batches have happened, from the first; at least `leastSlots`. Reads all cells.
   */
  judge(open: readonly PlannedBatch[], leastSlots: number): Promise<Judgement>;
  /** Reads all cells, on a board whose clock has started anew. */
  refresh(): Promise<ArrayReading>;
}

export interface Judgement {
  readonly slotsDone: number;
  /** Posterior probability of exactly that many. */
  readonly confidence: number;
  /** Numbers behind the judgement, for the record. */
  readonly evidence: Readonly<Record<string, number>>;
}

/** Slots of a settled batch that were emitted. */
export function slotsDoneOf(verdict: Verdict): number {
  switch (verdict.kind) {
    case 'executed':
      return verdict.outcome.slotsDone;
    case 'inferred':
      return verdict.slotsDone;
    case 'unrun':
      return 0;
  }
}
