import { join } from 'node:path';
import { devices } from '../../calibration/devices.ts';
import type { MockBoard } from '../../mocks/index.ts';
import { planCalibration, stepsOf } from '../../src/calibrating/calibration-plan.ts';
import { chainOf, progressOf } from '../../src/calibrating/chain.ts';
import { type ActionNews, nothingDone } from '../../src/calibrating/measurement.ts';
import { CALIBRATE, runMeasurement } from '../../src/calibrating/measurement-run.ts';
import { calibrateSchema } from '../../src/config/calibrate.ts';
import { systemClock } from '../../src/core/clock.ts';
import { NodeUsage } from '../../src/scheduling/node-usage.ts';
import { RunFile } from '../../src/store/run-file.ts';
import { boardOn, type Tampering, wireTo } from './wire.ts';

export interface Measuring {
  readonly runsFolder: string;
  readonly runId: string;
  readonly device?: string;
  readonly settings?: object;
  readonly tampering?: Tampering;
  readonly signal?: AbortSignal;
  readonly onAction?: (news: ActionNews) => void;
  /** Id of the run to go on with. */
  readonly continues?: string;
}

/** A measurement of a mock as the command line would put it together; returns the run's folder and how it ended. */
export async function measure(mock: MockBoard, choices: Measuring) {
  const { runsFolder, runId, continues, device: name = 'dam-a', tampering = {} } = choices;
  const device = devices[name];
  if (device === undefined) throw new Error(`no device ${name}`);
  const board = await boardOn(wireTo(mock, tampering));
  const settings = calibrateSchema.parse({ device: name, ...choices.settings });
  const chain = continues === undefined ? undefined : await chainOf(join(runsFolder, continues));
  const progress = chain === undefined ? nothingDone : await progressOf(chain);
  const cells = Array.from({ length: board.identity.rows * board.identity.columns }, (_, cell) => cell);
  const readings = [await board.read(cells), await board.read(cells), await board.read(cells)];
  const past = new NodeUsage();
  const begun =
    chain === undefined
      ? undefined
      : { measurement: chain.manifests[0].measurement.plan, actionsDone: progress.actionsDone };
  const plan = planCalibration({ board: board.identity, device, settings, readings, past, begun });
  const folder = join(runsFolder, runId);
  const runFile = await RunFile.create(folder, systemClock);
  const status = await runMeasurement({
    runId,
    board,
    runFile,
    device,
    task: CALIBRATE,
    settings,
    steps: stepsOf(plan),
    manifest: { measurement: { plan: plan.measurement, settings, continues: continues ?? null } },
    readings,
    past,
    progress,
    clock: systemClock,
    signal: choices.signal ?? new AbortController().signal,
    onAction: choices.onAction ?? (() => {}),
    wait: async () => {},
  }).finally(() => board.close());
  return { folder, status, plan, identity: board.identity };
}
