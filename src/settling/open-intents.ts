import { packedSlots } from '../../firmware-protocol/slots.ts';
import type { DefinedWave } from '../board/types.ts';
import type { PlannedBatch } from '../scheduling/plan.ts';
import type { RunFile } from '../store/run-file.ts';

/** A run file, whether it is being written or read. */
type Queried = Pick<RunFile, 'query'>;

/** A batch that was meant to be sent, and nobody lived to record what became of it. */
export interface OpenIntent {
  readonly bootNonce: number;
  readonly step: number;
  readonly batch: PlannedBatch;
}

interface IntentRow {
  readonly intent: number;
  readonly bootNonce: number;
  readonly batch: number;
  readonly step: number;
  readonly gapUs: number;
  readonly slots: string;
  readonly updateIds: string;
}

const COLUMNS = `intent, boot_nonce AS "bootNonce", batch, step, gap_us AS "gapUs", slots, update_ids AS "updateIds"`;

/** Intents without an outcome, in the order in which they were written. */
export async function openIntents(runFile: Queried): Promise<OpenIntent[]> {
  const rows = await runFile.query<IntentRow>(
    `SELECT ${COLUMNS} FROM intents ANTI JOIN outcomes USING (intent) ORDER BY intent`,
  );
  return rows.map((row) => ({ bootNonce: row.bootNonce, step: row.step, batch: plannedBatch(row) }));
}

/** The batch that an intent stands for, as it was planned. */
export async function intendedBatches(
  runFile: Queried,
  intents: readonly number[],
): Promise<ReadonlyMap<number, PlannedBatch>> {
  if (intents.length === 0) return new Map();
  const rows = await runFile.query<IntentRow>(
    `SELECT ${COLUMNS} FROM intents WHERE intent IN (${intents.join(', ')})`,
  );
  return new Map(rows.map((row) => [row.intent, plannedBatch(row)]));
}

/** The pulse shapes that the run used. */
export async function wavesOf(runFile: Queried): Promise<ReadonlyMap<number, DefinedWave>> {
  const rows = await runFile.query<DefinedWave>(
    'SELECT wave, amplitude_v AS "amplitudeV", width_us AS "widthUs", dac_code AS "dacCode" FROM waves ORDER BY rowid',
  );
  return new Map(rows.map((wave) => [wave.wave, wave]));
}

function plannedBatch({ intent, batch, gapUs, slots: packed, updateIds }: IntentRow): PlannedBatch {
  const slots = packedSlots('slots').decode(packed);
  const updates = JSON.parse(updateIds) as number[];
  const pulses = slots.flatMap((slot, index) => slot.map((pulse) => ({ ...pulse, slot: index })));
  return {
    intent,
    batch,
    gapUs,
    slots,
    pulses: pulses.map((pulse, index) => ({ ...pulse, update: updates[index] ?? 0 })),
  };
}
