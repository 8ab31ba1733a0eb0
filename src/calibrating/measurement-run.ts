import type { MeasurementPlan } from '../../calibration/design/measurement-plan.ts';
import type { CalibrateSettings } from '../config/calibrate.ts';
import { alsoFailed, FnloopError, messageOf } from '../core/errors.ts';
import { softwareVersion } from '../core/package.ts';
import type { Manifest } from '../store/manifest.ts';
import { Measurement, type MeasurementParts } from './measurement.ts';

/** What a run of `fnloop calibrate` is for, in manifest and purpose. */
export const CALIBRATE = 'calibrate';
export const CHECK = 'calibrate-check';

/** The manifest of a run that measures: its plan and settings make it possible to go on with it. */
export interface MeasurementManifest extends Manifest {
  readonly measurement: {
    readonly plan: MeasurementPlan;
    readonly settings: CalibrateSettings;
    /** Id of the run that this one goes on with; null for none. */
    readonly continues: string | null;
  };
}

export interface MeasurementRunParts extends Omit<MeasurementParts, 'settings'> {
  readonly runId: string;
  readonly settings: CalibrateSettings;
  /** Id of the run that this one goes on with. */
  readonly continues?: string | undefined;
}

/** One run from manifest to end: whatever happens, its file is closed and says how it ended. */
export async function runMeasurement(parts: MeasurementRunParts): Promise<'finished' | 'interrupted'> {
  const { runId, board, runFile, device, settings, plan, continues } = parts;
  return recorded(parts, async () => {
    await runFile.begin({
      runId,
      source: board.identity.source,
      software: { ...softwareVersion(), node: process.versions.node },
      experiment: {
        task: { name: CALIBRATE },
        method: { name: 'measurement' },
        policy: { name: 'planned' },
        accounting: settings.accounting,
      },
      device,
      board: { address: board.address, identity: board.identity },
      measurement: { plan: plan.measurement, settings, continues: continues ?? null },
    });
    return new Measurement(parts).run();
  });
}

/** Does work on a run file, and closes that with how it ended. */
export async function recorded<T extends 'finished' | 'interrupted'>(
  { board, runFile }: Pick<MeasurementParts, 'board' | 'runFile'>,
  work: () => Promise<T>,
): Promise<T> {
  const status = await work().catch(async (failure: unknown) => {
    await runFile.end('failed', board.statistics, { failure: messageOf(failure) }).catch((later: unknown) => {
      throw alsoFailed(failure, 'The run file could not be closed', later);
    });
    throw failure;
  });
  await runFile.end(status, board.statistics);
  return status;
}

/** Throws `config-invalid` unless the manifest is of a run that measures. */
export function asMeasurement(manifest: Manifest): MeasurementManifest {
  if (manifest.experiment.task.name === CALIBRATE && 'measurement' in manifest) {
    return manifest as MeasurementManifest;
  }
  throw new FnloopError(
    'config-invalid',
    `Run ${manifest.runId} is no calibration but a run of ${manifest.experiment.task.name}.`,
  );
}
