import { type LinkStatistics, noLinkStatistics } from '../board/link-statistics.ts';
import { linkTotals } from './link-columns.ts';
import type { RunReader } from './run-reader.ts';

/** What became of the batches of a run. */
export interface BatchSummary {
  readonly executed: number;
  /** Settled from the cells, because the board had forgotten. */
  readonly inferred: number;
  readonly unrun: number;
  /** Nobody has found out yet: the process died, or the link ended. */
  readonly open: number;
  /** Pulses that were inferred, and the least confidence of an inference; null where there was none. */
  readonly inferredPulses: number;
  readonly leastConfidence: number | null;
}

/** Counters of the link over the whole run, all sessions together. */
export async function linkSummary(run: Pick<RunReader, 'query'>): Promise<LinkStatistics> {
  const names = Object.keys(noLinkStatistics()) as (keyof LinkStatistics)[];
  const [totals] = await run.query<{ readonly [Name in keyof LinkStatistics]: number | null }>(
    linkTotals(names),
  );
  return Object.fromEntries(
    Object.entries(noLinkStatistics()).map(([name, none]) => [
      name,
      totals?.[name as keyof LinkStatistics] ?? none,
    ]),
  ) as unknown as LinkStatistics;
}

export async function batchSummary(run: Pick<RunReader, 'query'>): Promise<BatchSummary> {
  const [counts] = await run.query<BatchSummary>(`
    SELECT count(*) FILTER (verdict = 'executed') AS executed, count(*) FILTER (verdict = 'inferred') AS inferred,
           count(*) FILTER (verdict = 'unrun') AS unrun, count(*) FILTER (verdict IS NULL) AS open,
           min(confidence) AS "leastConfidence",
           (SELECT count(*) FROM pulses WHERE before_code IS NULL) AS "inferredPulses"
    FROM intents LEFT JOIN outcomes USING (intent)`);
  return counts ?? { executed: 0, inferred: 0, unrun: 0, open: 0, inferredPulses: 0, leastConfidence: null };
}
