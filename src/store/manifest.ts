import type { Device } from '../../calibration/devices.ts';
import type { WeightSign } from '../../calibration/physics/cell.ts';
import type { BoardIdentity } from '../board/types.ts';
import type { CalibrationRecord } from '../chip/calibration-record.ts';
import type { Experiment } from '../config/experiment.ts';
import { FnloopError } from '../core/errors.ts';
import type { Database } from './database.ts';
import { type Row, SCHEMA_VERSION } from './tables.ts';

/** How a run ended; `running` in a file that nobody writes any more means that its process died. One that was resumed is running again. */
export type RunStatus = 'running' | 'finished' | 'interrupted' | 'failed';

/** What a run was for: an experiment, or a soak of the link under names of its own. */
export interface Purpose {
  readonly task: { readonly name: string };
  readonly method: { readonly name: string };
  readonly policy: { readonly name: string };
  readonly accounting: Experiment['accounting'];
}

/** What a run says of itself. Keys that its end would have written are absent from one that was cut off, and null once it was resumed. */
export interface Manifest {
  readonly schemaVersion: number;
  readonly runId: string;
  readonly status: RunStatus;
  readonly source: 'board' | 'mock';
  readonly software: { readonly version: string; readonly commit: string | null; readonly node: string };
  readonly experiment: Purpose;
  readonly device: Device;
  readonly board: { readonly address: string; readonly identity: BoardIdentity };
  /** Of a run that trains: what the weights stand for, and the cell of each, of them and then of the bias. */
  readonly features?: readonly string[];
  readonly cells?: readonly number[];
  /** What was known of the chip; absent where that was no more than its kind. */
  readonly calibration?: CalibrationRecord;
  readonly startedWallNs: string;
  readonly endedWallNs?: string | null;
  readonly weightSign?: WeightSign;
  readonly failure?: string | null;
}

/** Reads the manifest of a run file. Rejects with `record-failed` when the file is of another schema. */
export async function readManifest(database: Database): Promise<Manifest> {
  const rows = await database.query<Row<'manifest'>>(
    'SELECT key, arg_max(value, rowid) AS value FROM manifest GROUP BY key',
  );
  const manifest = Object.fromEntries(
    rows.map(({ key, value }) => [key, JSON.parse(value)]),
  ) as unknown as Manifest;
  if (manifest.schemaVersion === SCHEMA_VERSION) return manifest;
  throw new FnloopError(
    'record-failed',
    `The run file ${database.path} has schema version ${manifest.schemaVersion ?? 'none'}, this fnloop reads ${SCHEMA_VERSION}.`,
  );
}
