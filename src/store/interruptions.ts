import type { RunReader } from './run-reader.ts';

/** Name of the event of an interruption that is over. */
export const INTERRUPTION = 'interrupted-and-resumed';

/** How the cells were found, beside what the device model makes of how they were left. */
export interface CellAgreement {
  readonly cells: number;
  /** Cells with a node that is further off than chance allows. */
  readonly disagreeing: readonly number[];
  /** Of the node that is furthest off; null where no cell could be compared. */
  readonly largestSigmas: number | null;
  /** How long the cells must have decayed for that, s, by the median of their nodes. */
  readonly decayedS: number | null;
}

/** The record of one interruption: the detail of its event. */
export interface Interruption {
  /** The last step that was whole, and one of which pulses happened that were cut off from the rest; null where none was. */
  readonly afterStep: number;
  readonly cutStep: number | null;
  readonly interruptedWallNs: string;
  readonly resumedWallNs: string;
  /** How long it was: by the wall clock, and by the board's where that did not begin anew. */
  readonly wallS: number;
  readonly boardS: number | null;
  readonly boardRestarted: boolean;
  readonly bootNonce: number;
  readonly address: string;
  /** Batches that were found open: what the board said of them, or else the cells. */
  readonly settled: { readonly executed: number; readonly inferred: number; readonly unrun: number };
  /** Updates that were executed and had no row. */
  readonly accountedLate: number;
  readonly agreement: CellAgreement;
}

/** What a result says of them. */
export interface InterruptionSummary {
  readonly count: number;
  readonly longestWallS: number;
  /** By the board's clock; where that began anew, as the cells tell. */
  readonly longestBoardS: number;
}

/** All interruptions of a run that is or was resumed, in their order. */
export async function interruptionsOf(run: Pick<RunReader, 'query'>): Promise<Interruption[]> {
  const rows = await run.query<{ detail: string }>(
    `SELECT detail FROM events WHERE name = '${INTERRUPTION}' ORDER BY rowid`,
  );
  return rows.map(({ detail }) => JSON.parse(detail) as Interruption);
}

export const interruptionSummary = (interruptions: readonly Interruption[]): InterruptionSummary => ({
  count: interruptions.length,
  longestWallS: Math.max(0, ...interruptions.map(({ wallS }) => wallS)),
  longestBoardS: Math.max(
    0,
    ...interruptions.map(({ boardS, agreement }) => boardS ?? agreement.decayedS ?? 0),
  ),
});

/** Batches that were found open after a step, and what was found out of them, by whichever process since the last interruption. */
export async function settledAfter(
  run: Pick<RunReader, 'query'>,
  step: number,
): Promise<Interruption['settled']> {
  const rows = await run.query<{ verdict: keyof Interruption['settled']; batches: number }>(`
    WITH found AS (
      SELECT unnest(from_json(detail -> 'intents', '["BIGINT"]')) AS intent FROM events
      WHERE name = 'settled-open' AND step > ${step}
        AND rowid > (SELECT coalesce(max(rowid), -1) FROM events WHERE name = '${INTERRUPTION}')
    )
    SELECT verdict, count(*) AS batches FROM outcomes SEMI JOIN found USING (intent) GROUP BY verdict`);
  const of = new Map(rows.map(({ verdict, batches }) => [verdict, batches]));
  return {
    executed: of.get('executed') ?? 0,
    inferred: of.get('inferred') ?? 0,
    unrun: of.get('unrun') ?? 0,
  };
}
