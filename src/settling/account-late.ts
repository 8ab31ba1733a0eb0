import { convertersOf } from '../board/converters.ts';
import { chipOf } from '../chip/calibration-record.ts';
import { pulsedNode } from '../chip/chip-model.ts';
import { Ledger } from '../ledger/account.ts';
import { UpdateBounds } from '../ledger/bounds.ts';
import type { Manifest } from '../store/manifest.ts';
import type { RunFile } from '../store/run-file.ts';
import { type UpdateContext, updateRow } from '../store/update-row.ts';
import { intendedBatches, wavesOf } from './open-intents.ts';
import { PULSE_COLUMNS, type RecordedPulse, updatesOf } from './recorded-pulses.ts';

/** What of a manifest says how to account. */
type LateManifest = Pick<Manifest, 'board' | 'device' | 'experiment' | 'calibration' | 'weightSign'>;

interface LatePulse extends RecordedPulse {
  readonly step: number;
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
  const firstOf = new Map<number, LatePulse>();
  for (const pulse of late) if (!firstOf.has(pulse.update)) firstOf.set(pulse.update, pulse);
  const counts = await runFile.query<{ cell: number; updates: number }>(
    'SELECT cell, count(*) AS updates FROM updates GROUP BY cell',
  );
  const nthOfCell = new Map(counts.map(({ cell, updates }) => [cell, updates]));
  const waves = await wavesOf(runFile);
  const accounting = {
    ledger: new Ledger(chipOf(device, calibration), convertersOf(board.identity)),
    waves,
    bounds: new UpdateBounds(experiment.accounting),
  };
  // Of the updates of one cell in a step of training, all but the first correct it.
  const begun = new Set<string>();
  const batches = await intendedBatches(runFile, [...new Set(late.map(({ intent }) => intent))]);
  const rows = updatesOf(late, { batches, waves, board: board.identity }).map((executed) => {
    const { cell, kind } = executed;
    const { step = 0, presumed = null, temperatureK = null } = firstOf.get(executed.update) ?? {};
    const cellInStep = `${cell} ${step}`;
    const isCorrection = purpose === 'train' && begun.has(cellInStep);
    begun.add(cellInStep);
    const nth = (nthOfCell.get(cell) ?? 0) + 1;
    nthOfCell.set(cell, nth);
    const context = {
      step,
      purpose: isCorrection ? ('correct' as const) : purpose,
      nthOfCell: nth,
      wantedV: null,
      driftV: null,
      weightBeforeV: null,
      weightAfterV: null,
      node: { node: pulsedNode(cell, kind, weightSign ?? 1), temperatureK: temperatureK ?? undefined },
      // What its step took besides it was not recorded.
      overhead: null,
      presumedCode: presumed ?? 0,
    };
    return updateRow(executed, context, accounting);
  });
  await runFile.recordLate(rows);
  return rows.length;
}

/** `presumed` is the node's code in the last reading. */
const latePulses = (runFile: RunFile): Promise<LatePulse[]> =>
  runFile.query<LatePulse>(`
    WITH last AS (
      SELECT cell, set_code, reset_code, temperature_k FROM readings QUALIFY row_number() OVER (PARTITION BY cell ORDER BY rowid DESC) = 1
    )
    SELECT ${PULSE_COLUMNS}, step, CASE kind WHEN 'SET' THEN set_code ELSE reset_code END AS presumed, temperature_k AS "temperatureK"
    FROM pulses JOIN intents USING (intent) LEFT JOIN last ON last.cell = pulses.cell
    WHERE update_id NOT IN (SELECT update_id FROM updates)
    ORDER BY intent, pulses.rowid`);
