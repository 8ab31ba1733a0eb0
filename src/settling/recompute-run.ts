import type { PulseKind } from '../../firmware-protocol/slots.ts';
import { convertersOf } from '../board/converters.ts';
import { type CalibrationRecord, chipOf } from '../chip/calibration-record.ts';
import { pulsedNode } from '../chip/chip-model.ts';
import type { Clock } from '../core/clock.ts';
import { FnloopError } from '../core/errors.ts';
import { Ledger } from '../ledger/account.ts';
import { UpdateBounds } from '../ledger/bounds.ts';
import type { Manifest } from '../store/manifest.ts';
import { RunFile } from '../store/run-file.ts';
import { RunReader } from '../store/run-reader.ts';
import type { Row } from '../store/tables.ts';
import { type Accounting, updateRow } from '../store/update-row.ts';
import { intendedBatches, wavesOf } from './open-intents.ts';
import { PULSE_COLUMNS, type RecordedPulse, updatesOf } from './recorded-pulses.ts';

export interface Recomputation {
  /** Undefined: as the run's own. */
  readonly calibration: CalibrationRecord | undefined;
  readonly software: Manifest['software'];
}

/** Updates that are in memory at a time. */
const AT_A_TIME = 10_000;

/**
 * Derives every charge, energy, sigma and bound of a run again, from its raw codes and what a calibration says of its chip; what was
 * wanted, the weights as they were read and all times stay. Returns the number of updates. The rows change all at once or not at all,
 * and are to be shipped anew. Rejects with `run-in-use`, with `record-failed` where pulses are missing.
 */
export async function recomputeRun(
  folder: string,
  { calibration, software }: Recomputation,
  clock: Clock,
): Promise<number> {
  const manifest = await RunReader.with(folder, async (run) => run.manifest);
  const runFile = await RunFile.reopen(folder, clock);
  try {
    const used = calibration ?? manifest.calibration;
    const accounting = {
      ledger: new Ledger(chipOf(manifest.device, used), convertersOf(manifest.board.identity)),
      waves: await wavesOf(runFile),
      bounds: new UpdateBounds(manifest.experiment.accounting),
    };
    const before = { calibration: manifest.calibration?.sha256 ?? null, software: manifest.software };
    const after = { calibration: used?.sha256 ?? null, software };
    return await runFile.recompute(recomputed(runFile, manifest, accounting), {
      manifest: used === undefined ? {} : { calibration: used },
      event: { before, after },
    });
  } finally {
    runFile.close();
  }
}

/** All rows of `updates` in their order, a part at a time. */
async function* recomputed(
  runFile: RunFile,
  { board, weightSign }: Manifest,
  accounting: Accounting,
): AsyncGenerator<Row<'updates'>[]> {
  const temperatures = await temperaturesBefore(runFile);
  const [{ rows = 0 } = {}] = await runFile.query<{ rows: number }>('SELECT count(*) AS rows FROM updates');
  for (let first = 0; first < rows; first += AT_A_TIME) {
    const part = `updates.rowid BETWEEN ${first} AND ${first + AT_A_TIME - 1}`;
    const old = await runFile.query<Row<'updates'>>(`SELECT * FROM updates WHERE ${part} ORDER BY rowid`);
    const pulses = await runFile.query<RecordedPulse>(
      `SELECT ${PULSE_COLUMNS} FROM pulses SEMI JOIN (SELECT update_id FROM updates WHERE ${part}) USING (update_id) ORDER BY intent, pulses.rowid`,
    );
    const batches = await intendedBatches(runFile, [...new Set(pulses.map(({ intent }) => intent))]);
    const executed = new Map(
      updatesOf(pulses, { batches, waves: accounting.waves, board: board.identity }).map((update) => [
        update.update,
        update,
      ]),
    );
    const presumed = await presumedCodes(runFile, part);
    yield old.map((row) => {
      const update = executed.get(row.update_id);
      if (update === undefined)
        throw new FnloopError('record-failed', `Update ${row.update_id} has no pulses in the run file.`);
      const { energy_readout_fj: readOutFJ, energy_board_fj: boardFJ } = row;
      const context = {
        step: row.step,
        purpose: row.purpose as Purpose,
        nthOfCell: row.nth_of_cell,
        wantedV: row.wanted_v,
        driftV: row.drift_v,
        weightBeforeV: row.weight_before_v,
        weightAfterV: row.weight_after_v,
        node: {
          node: pulsedNode(update.cell, update.kind, weightSign ?? 1),
          temperatureK: temperatures.get(row.step),
        },
        overhead: readOutFJ === null || boardFJ === null ? null : { readOutFJ, boardFJ },
        presumedCode: presumed.get(row.update_id) ?? 0,
      };
      return { ...updateRow(update, context, accounting), time_ns: BigInt(row.time_ns) };
    });
  }
}

type Purpose = Parameters<typeof updateRow>[1]['purpose'];

/** The temperature that the board told in the last reading before each step; of step 0, in its first one. */
async function temperaturesBefore(runFile: RunFile): Promise<ReadonlyMap<number, number | undefined>> {
  const told = await runFile.query<{ step: number; firstK: number | null; lastK: number | null }>(`
    SELECT step, arg_min_null(temperature_k, rowid) AS "firstK", arg_max_null(temperature_k, rowid) AS "lastK"
    FROM readings GROUP BY step ORDER BY step`);
  const before = new Map<number, number | undefined>();
  let latestK = told[0]?.firstK ?? undefined;
  for (const { step, lastK } of told) {
    before.set(step, latestK);
    latestK = lastK ?? undefined;
  }
  return before;
}

/** For updates with pulses that were inferred: the code of their node in the last reading before their step. */
async function presumedCodes(runFile: RunFile, part: string): Promise<ReadonlyMap<number, number>> {
  const rows = await runFile.query<{ update: number; kind: PulseKind; set: number; reset: number }>(`
    WITH inferred AS (
      SELECT update_id, cell, kind, step FROM updates
      WHERE ${part} AND update_id IN (SELECT update_id FROM pulses WHERE before_code IS NULL)
    )
    SELECT update_id AS update, inferred.kind, arg_max(set_code, readings.rowid) AS set, arg_max(reset_code, readings.rowid) AS reset
    FROM inferred JOIN readings ON readings.cell = inferred.cell AND readings.step < greatest(inferred.step, 1)
    GROUP BY update_id, inferred.kind`);
  return new Map(rows.map(({ update, kind, set, reset }) => [update, kind === 'SET' ? set : reset]));
}
