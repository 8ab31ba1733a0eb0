import type { PulseKind } from '../../firmware-protocol/slots.ts';
import { convertersOf } from '../board/converters.ts';
import { idleUs } from '../board/timing.ts';
import { chipOf } from '../chip/calibration-record.ts';
import { pulsedNode } from '../chip/chip-model.ts';
import { Ledger } from '../ledger/account.ts';
import { UpdateBounds } from '../ledger/bounds.ts';
import type { PulseRecord } from '../scheduling/runner.ts';
import type { Manifest } from '../store/manifest.ts';
import type { RunFile } from '../store/run-file.ts';
import { type UpdateContext, updateRow } from '../store/update-row.ts';
import { intendedBatches, wavesOf } from './open-intents.ts';

/** What of a manifest says how to account. */
type LateManifest = Pick<Manifest, 'board' | 'device' | 'experiment' | 'calibration' | 'weightSign'>;

interface LatePulse {
  readonly update: number;
  readonly intent: number;
  readonly step: number;
  readonly slot: number;
  readonly cell: number;
  readonly kind: PulseKind;
  readonly wave: number;
  readonly before: number | null;
  readonly after: number | null;
  readonly presumed: number | null;
  readonly temperatureK: number | null;
}

/**
 * Accounts for updates whose pulses are in the file and who are not: the process died before it came to that.
 * What only a finished step knows, wanted change and weights, stays null. Returns their number.
 */
export async function accountLate(
  runFile: RunFile,
  { board, device, experiment, calibration, weightSign }: LateManifest,
  purpose: UpdateContext['purpose'],
): Promise<number> {
  const late = await latePulses(runFile);
  const waves = await wavesOf(runFile);
  const batches = await intendedBatches(runFile, [...new Set(late.map(({ intent }) => intent))]);
  const counts = await runFile.query<{ cell: number; updates: number }>(
    'SELECT cell, count(*) AS updates FROM updates GROUP BY cell',
  );
  const nthOfCell = new Map(counts.map(({ cell, updates }) => [cell, updates]));
  const accounting = {
    ledger: new Ledger(chipOf(device, calibration), convertersOf(board.identity)),
    waves,
    bounds: new UpdateBounds(experiment.accounting),
  };
  const byUpdate = new Map<number, LatePulse[]>();
  for (const pulse of late) {
    const pulses = byUpdate.get(pulse.update) ?? [];
    byUpdate.set(pulse.update, [...pulses, pulse]);
  }
  const rows = [...byUpdate].flatMap(([update, pulses]) => {
    const [first] = pulses;
    if (first === undefined) return [];
    const nth = (nthOfCell.get(first.cell) ?? 0) + 1;
    nthOfCell.set(first.cell, nth);
    const records = pulses.map(({ intent, slot, wave, before, after }): PulseRecord => {
      const pulsed = batches.get(intent)?.slots[slot] ?? [];
      const widthUsOf = (number: number) => waves.get(number)?.widthUs ?? 0;
      return {
        intent,
        slot,
        wave,
        idleUs: idleUs(pulsed, widthUsOf, board.identity)(wave),
        codes: before === null || after === null ? null : { before, after },
      };
    });
    const executed = {
      update,
      cell: first.cell,
      kind: first.kind,
      waves: records.map(({ wave }) => wave),
      pulses: records,
    };
    const context = {
      step: first.step,
      purpose,
      nthOfCell: nth,
      wantedV: null,
      driftV: null,
      weightBeforeV: null,
      weightAfterV: null,
      node: {
        node: pulsedNode(first.cell, first.kind, weightSign ?? 1),
        temperatureK: first.temperatureK ?? undefined,
      },
      // What its step took besides it was not recorded.
      overhead: null,
      presumedCode: first.presumed ?? 0,
    };
    return [updateRow(executed, context, accounting)];
  });
  await runFile.recordLate(rows);
  return rows.length;
}

/** `presumed` is the node's code in the last reading. */
const latePulses = (runFile: RunFile): Promise<LatePulse[]> =>
  runFile.query<LatePulse>(`
    WITH last AS (SELECT cell, set_code, reset_code, temperature_k FROM readings QUALIFY row_number() OVER (PARTITION BY cell ORDER BY rowid DESC) = 1)
    SELECT update_id AS update, intent, step, slot, p.cell, kind, wave, before_code AS before, after_code AS after,
           CASE kind WHEN 'SET' THEN set_code ELSE reset_code END AS presumed, temperature_k AS "temperatureK"
    FROM pulses AS p JOIN intents USING (intent) LEFT JOIN last ON last.cell = p.cell
    WHERE update_id NOT IN (SELECT update_id FROM updates)
    ORDER BY intent, p.rowid`);
