import type { MeasurementPlan } from '../../calibration/design/measurement-plan.ts';
import { isBroughtToRest } from '../board/rest-watch.ts';
import type { CalibrateSettings } from '../config/calibrate.ts';
import { alsoFailed, FnloopError, messageOf } from '../core/errors.ts';
import { softwareVersion } from '../core/package.ts';
import { endRun } from '../settling/end-run.ts';
import type { Manifest } from '../store/manifest.ts';
import { Measurement, type MeasurementParts } from './measurement.ts';

/** What a run of `fnloop calibrate` is for: the task in its manifest, and the middle of its id. */
export const CALIBRATE = 'calibrate';
export const CHECK = 'calibrate-check';

/** What the manifest of a measurement says beside that of any run: enough to go on with it. */
export interface MeasurementRecord {
  readonly plan: MeasurementPlan;
  readonly settings: CalibrateSettings;
  /** Id of the run that this one goes on with; null for none. */
  readonly continues: string | null;
}

export interface MeasurementManifest extends Manifest {
  readonly measurement: MeasurementRecord;
}

export interface MeasurementRunParts extends MeasurementParts {
  readonly runId: string;
  readonly task: typeof CALIBRATE | typeof CHECK;
  /** What else the manifest says of it. */
  readonly manifest: { readonly measurement: MeasurementRecord } | { readonly checked: object };
}

/** One run from manifest to end: whatever happens, its file is closed and says how it ended. */
export async function runMeasurement(parts: MeasurementRunParts): Promise<'finished' | 'interrupted'> {
  const { board, runFile } = parts;
  const status = await measured(parts).catch(async (failure: unknown) => {
    if (isBroughtToRest(failure)) return 'interrupted' as const;
    await runFile.end('failed', board.statistics, { failure: messageOf(failure) }).catch((later: unknown) => {
      throw alsoFailed(failure, 'The run file could not be closed', later);
    });
    throw failure;
  });
  await endRun(runFile, board, status);
  return status;
}

async function measured(parts: MeasurementRunParts): Promise<'finished' | 'interrupted'> {
  const { runId, task, board, runFile, device, settings, manifest } = parts;
  await runFile.begin({
    runId,
    source: board.identity.source,
    software: { ...softwareVersion(), node: process.versions.node },
    experiment: {
      task: { name: task },
      method: { name: 'measurement' },
      policy: { name: 'planned' },
      accounting: settings.accounting,
    },
    device,
    board: { address: board.address, identity: board.identity },
    ...manifest,
  });
  return new Measurement(parts).run();
}

/** Throws `config-invalid` unless the manifest is of a measurement. */
export function asMeasurement(manifest: Manifest): MeasurementManifest {
  if (manifest.experiment.task.name === CALIBRATE && 'measurement' in manifest) {
    return manifest as MeasurementManifest;
  }
  throw new FnloopError(
    'config-invalid',
    `Run ${manifest.runId} is no calibration that can be gone on with, but a run of ${manifest.experiment.task.name}.`,
  );
}
