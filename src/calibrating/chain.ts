import { dirname, join } from 'node:path';
import type { PulseKind } from '../../firmware-protocol/slots.ts';
import { FnloopError } from '../core/errors.ts';
import { findRun } from '../store/run-folder.ts';
import { RunReader } from '../store/run-reader.ts';
import type { Progress } from './measurement.ts';
import { asMeasurement, type MeasurementManifest } from './measurement-run.ts';

/** Runs that make up one measurement, oldest first: each but the first goes on with the one before. */
export interface Chain {
  readonly folders: readonly string[];
  readonly manifests: readonly [MeasurementManifest, ...MeasurementManifest[]];
}

/** The measurement that ends with the run in a folder. Rejects where a run of it is missing, or is none. */
export async function chainOf(lastFolder: string): Promise<Chain> {
  const folders: string[] = [];
  const manifests: MeasurementManifest[] = [];
  let folder: string | undefined = lastFolder;
  while (folder !== undefined) {
    const manifest: MeasurementManifest = await RunReader.with(folder, async (run) =>
      asMeasurement(run.manifest),
    );
    folders.unshift(folder);
    manifests.unshift(manifest);
    const { continues } = manifest.measurement;
    const runsFolder: string = dirname(folder);
    folder = continues === null ? undefined : join(runsFolder, continues);
    if (continues !== null && folders.length > MOST_RUNS)
      throw new FnloopError('record-failed', `The runs before ${lastFolder} go round in a circle.`);
    if (folder !== undefined) findRun(runsFolder, folder);
  }
  const [first, ...others] = manifests;
  if (first === undefined) throw new FnloopError('invariant', 'A chain without a run.');
  return { folders, manifests: [first, ...others] };
}

const MOST_RUNS = 1000;

/** What of its plan a measurement has done so far, as its files say. */
export async function progressOf({ folders, manifests }: Chain): Promise<Progress> {
  const steps = new Set<number>();
  const pulses: { readonly step: number; readonly kind: PulseKind; readonly cell: number }[] = [];
  for (const folder of folders) {
    await RunReader.with(folder, async (run) => {
      for (const { step } of await run.query<{ step: number }>('SELECT step FROM steps')) steps.add(step);
      pulses.push(
        ...(await run.query<(typeof pulses)[number]>(
          'SELECT step, kind, cell FROM pulses JOIN intents USING (intent)',
        )),
      );
    });
  }
  let actionsDone = 0;
  while (steps.has(actionsDone + 1)) actionsDone += 1;
  const ofNext = (kind: PulseKind) =>
    new Set(
      pulses.flatMap((pulse) => (pulse.step === actionsDone + 1 && pulse.kind === kind ? [pulse.cell] : [])),
    );
  return {
    actionsDone,
    sign: manifests.findLast(({ weightSign }) => weightSign !== undefined)?.weightSign,
    pulsed: { SET: ofNext('SET'), RESET: ofNext('RESET') },
  };
}
