import type { PulseKind } from '../../firmware-protocol/slots.ts';
import { idleUs } from '../board/timing.ts';
import type { BoardIdentity, DefinedWave } from '../board/types.ts';
import type { PlannedBatch } from '../scheduling/plan.ts';
import type { ExecutedUpdate, PulseRecord } from '../scheduling/runner.ts';

/** One executed pulse as a run file has it, its codes null where it was inferred. */
export interface RecordedPulse {
  readonly update: number;
  readonly intent: number;
  readonly slot: number;
  readonly cell: number;
  readonly kind: PulseKind;
  readonly wave: number;
  readonly before: number | null;
  readonly after: number | null;
}

/** Its columns, of table `pulses`, as SQL. */
export const PULSE_COLUMNS =
  'update_id AS update, intent, slot, pulses.cell, pulses.kind, wave, before_code AS before, after_code AS after';

/** What of a run says how long its slots lasted. */
interface Slots {
  readonly batches: ReadonlyMap<number, PlannedBatch>;
  readonly waves: ReadonlyMap<number, DefinedWave>;
  readonly board: BoardIdentity;
}

/** The updates that pulses belong to, in the order of their first pulses. */
export function updatesOf(
  pulses: readonly RecordedPulse[],
  { batches, waves, board }: Slots,
): ExecutedUpdate[] {
  const byUpdate = new Map<
    number,
    { readonly cell: number; readonly kind: PulseKind; readonly records: PulseRecord[] }
  >();
  for (const { update, cell, kind, intent, slot, wave, before, after } of pulses) {
    const known = byUpdate.get(update) ?? { cell, kind, records: [] };
    byUpdate.set(update, known);
    const pulsed = batches.get(intent)?.slots[slot] ?? [];
    const widthUsOf = (number: number) => waves.get(number)?.widthUs ?? 0;
    known.records.push({
      intent,
      slot,
      wave,
      idleUs: idleUs(pulsed, widthUsOf, board)(wave),
      codes: before === null || after === null ? null : { before, after },
    });
  }
  return [...byUpdate].map(([update, { cell, kind, records }]) => ({
    update,
    cell,
    kind,
    waves: records.map(({ wave }) => wave),
    pulses: records,
  }));
}
