import type { PulseKind } from '../../firmware-protocol/slots.ts';
import { nodeNumber } from '../board/nodes.ts';
import { NodeUsage, type Usage } from '../scheduling/node-usage.ts';

/** What a run did to the nodes of its board, as far as its file knows. */
export interface RunUsage {
  readonly nodes: NodeUsage;
  /** Batches without an outcome, and pulses that are not accounted for: what they did is not counted. */
  readonly unsettled: number;
}

/** Counts from the run's file alone, so that a run whose process died can be counted too. */
export async function usageOf(run: { query<T>(sql: string): Promise<T[]> }): Promise<RunUsage> {
  const rows = await run.query<{ readonly cell: number; readonly kind: PulseKind } & Usage>(`
    WITH shapes AS (
      SELECT wave, arg_max(amplitude_v, rowid) AS amplitude_v, arg_max(width_us, rowid) AS width_us FROM waves GROUP BY wave
    ), stress AS (
      SELECT cell, kind, count(*) AS pulses, fsum(amplitude_v * width_us / 1e6) AS volt_seconds
      FROM pulses JOIN shapes USING (wave) GROUP BY cell, kind
    ), charges AS (
      SELECT cell, kind, greatest(0, fsum(charge_tunneled_fc)) AS charge_fc FROM updates GROUP BY cell, kind
    )
    SELECT cell, kind, pulses, volt_seconds AS "voltSeconds", coalesce(charge_fc, 0) AS "chargeFC"
    FROM stress LEFT JOIN charges USING (cell, kind) ORDER BY cell, kind`);
  const [{ unsettled = 0 } = {}] = await run.query<{ unsettled: number }>(`
    SELECT (SELECT count(*) FROM intents ANTI JOIN outcomes USING (intent))
         + (SELECT count(*) FROM pulses ANTI JOIN updates USING (update_id)) AS unsettled`);
  const nodes = new NodeUsage();
  for (const { cell, kind, pulses, voltSeconds, chargeFC } of rows)
    nodes.add(nodeNumber(cell, kind), { pulses, voltSeconds, chargeFC });
  return { nodes, unsettled };
}
