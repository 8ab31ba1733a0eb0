import { join } from 'node:path';
import { devices } from '../../calibration/devices.ts';
import type { Board } from '../board/board.ts';
import { cellCount } from '../board/limits.ts';
import type { ArrayReading } from '../board/types.ts';
import { analyze } from '../calibrating/analysis.ts';
import { type CalibrationPlan, planCalibration, stepsOf } from '../calibrating/calibration-plan.ts';
import { summarizeCalibration } from '../calibrating/calibration-summary.ts';
import { type Chain, chainOf, progressOf } from '../calibrating/chain.ts';
import { nothingDone } from '../calibrating/measurement.ts';
import { CALIBRATE, runMeasurement } from '../calibrating/measurement-run.ts';
import { calibrationFile, writeCalibration } from '../chip/calibration-file.ts';
import { type CalibrateSettings, calibrateSchema, readCalibrateSettings } from '../config/calibrate.ts';
import { FnloopError } from '../core/errors.ts';
import { waitFor } from '../core/waiting.ts';
import type { LiveShipping } from '../influx/live-shipping.ts';
import { assertNothingRefused } from '../influx/shipping-state.ts';
import { writeCalibrationReport } from '../report/write-calibration-report.ts';
import { RunFile } from '../store/run-file.ts';
import { findRun, newRunId } from '../store/run-folder.ts';
import { knownPast, noHistory, openHistory } from '../training/board-history.ts';
import { hasHistory, parseAddress } from '../transport/address.ts';
import type { App } from './app.ts';
import { borrowing } from './by-daemon/borrowing.ts';
import { calibrationPlanText, calibrationText } from './calibration-text.ts';
import type { CalibrateOptions } from './commands/calibrate.ts';
import { interruptionOf } from './interruption.ts';
import { measurementProgress } from './progress.ts';
import { liveShipping, shippedOf, shippingRows } from './shipping.ts';
import { watched } from './shipping-watch.ts';

const FIRST_READINGS = 3;
const S_PER_MS = 1e-3;
const MS_PER_DAY = 86_400_000;

/** Plans a measurement, does it, fits it and writes the calibration; or goes on with one. */
export async function measureChip(app: App, options: CalibrateOptions): Promise<void> {
  const output = app.output(options.json === true);
  const chain =
    options.resume === undefined ? undefined : await chainOf(findRun(options.runs, options.resume));
  const last = chain?.manifests.at(-1);
  if (chain !== undefined && last?.status === 'finished') {
    output.note(`Run ${last.runId} has finished its measurement: it is fitted again, nothing is sent.`);
    await fitAndWrite(app, options, chain);
    return;
  }
  const settings = settingsOf(options, chain);
  const address = addressOf(options, settings, chain);
  const runId = newRunId(app.clock.wallNs(), CALIBRATE, settings.seed);
  const folder = join(options.runs, runId);
  app.nowOn(runId, `fnloop calibrate --resume ${runId}`);
  const shipping = options.dryRun === true ? undefined : liveShipping(app, options);

  const status = await borrowing(app, { address, runs: options.runs, command: 'fnloop calibrate' }, () =>
    app.withBoard(
      address,
      (board) => measureOn(board, { app, options, chain, settings, address, runId, folder, shipping }),
      { seed: settings.seed, wireLog: options.wireLog, patience: options.patience },
    ),
  );
  if (status === 'planned') return;
  if (status === 'interrupted') {
    throw await interruptionOf(folder, `Run ${runId} was interrupted. ${goOnWith(runId)}`);
  }
  await fitAndWrite(app, options, await chainOf(folder));
  const influx = await shippedOf(folder, options);
  if (influx === undefined) return;
  for (const [name, value] of shippingRows(influx, runId)) output.note(`${name}: ${value}`);
  assertNothingRefused(influx, runId);
}

/** The file is written last: where anything fails before, it is as it was. */
async function fitAndWrite(app: App, { json, out, runs }: CalibrateOptions, chain: Chain): Promise<void> {
  const analysis = await analyze(chain);
  const { calibration } = analysis;
  const file = out ?? calibrationFile(runs, calibration.board.boardId);
  const report = await writeCalibrationReport(calibration, chain.folders.at(-1) ?? runs);
  writeCalibration(file, calibration);
  const summary = summarizeCalibration(analysis);
  app
    .output(json === true)
    .result({ ...summary, file, report }, () => calibrationText(summary, { file, report }));
}

const goOnWith = (runId: string) => `Go on with it: fnloop calibrate --resume ${runId}`;

interface Work {
  readonly app: App;
  readonly options: CalibrateOptions;
  readonly chain: Chain | undefined;
  readonly settings: CalibrateSettings;
  readonly address: string;
  readonly runId: string;
  readonly folder: string;
  readonly shipping: LiveShipping | undefined;
}

async function measureOn(
  board: Board,
  { app, options, chain, settings, address, runId, folder, shipping }: Work,
): Promise<'finished' | 'interrupted' | 'planned'> {
  const output = app.output(options.json === true);
  const { identity } = board;
  assertSameBoard(identity.boardId, chain);
  const device = devices[settings.device];
  if (device === undefined)
    throw new FnloopError('invariant', `Device ${settings.device} passed the schema but is unknown.`);
  const isPlan = options.dryRun === true;
  const stays = hasHistory(parseAddress(address));
  const history = stays && !isPlan ? await openHistory(options.runs, board, app.clock) : noHistory;
  const { past, unsettled } =
    stays && isPlan ? await knownPast(options.runs, identity) : { past: history.past, unsettled: 0 };
  if (unsettled > 0)
    output.note(
      `${unsettled} batches or pulses of a run whose process died are not settled, and not counted here.`,
    );
  // Only now: what a process that died left open is settled, and counts.
  const progress = chain === undefined ? nothingDone : await progressOf(chain);
  const readings = await readTimes(board, FIRST_READINGS);
  const begun =
    chain === undefined
      ? undefined
      : { measurement: chain.manifests[0].measurement.plan, actionsDone: progress.actionsDone };
  const plan = planCalibration({ board: identity, device, settings, readings, past, begun });
  const text = () =>
    calibrationPlanText(
      plan,
      `${identity.source} ${identity.boardId} at ${board.address}`,
      progress.actionsDone,
    );
  if (isPlan) output.result(planResult(plan), text);
  else output.note(text());
  if (plan.problems.length > 0) {
    throw new FnloopError(
      'limit-exceeded',
      `Board ${identity.boardId} must not be measured like this: ${plan.problems.length} problem${plan.problems.length === 1 ? '' : 's'}. No pulse was sent.`,
      { problems: plan.problems },
    );
  }
  if (isPlan) return 'planned';

  const runFile = await RunFile.create(folder, app.clock);
  if (shipping !== undefined) await runFile.accompany(shipping);
  output.note(
    `Run ${runId} on ${identity.source} ${identity.boardId} at ${board.address}, recorded in ${folder}.`,
  );
  const { act, stop } = measurementProgress(
    plan.measurement.actions.length,
    process.stderr,
    watched(shipping),
  );
  const { clock, signal } = app;
  const continues = chain?.manifests.at(-1)?.runId ?? null;
  return history
    .charging(folder, () =>
      runMeasurement({
        runId,
        task: CALIBRATE,
        board,
        runFile,
        device,
        steps: stepsOf(plan),
        readings,
        settings,
        past,
        progress,
        manifest: { measurement: { plan: plan.measurement, settings, continues } },
        clock,
        signal,
        onAction: act,
        wait: waitFor,
      }),
    )
    .catch((failure: unknown) => {
      output.note(`What was measured is recorded. ${goOnWith(runId)}`);
      throw failure;
    })
    .finally(stop);
}

/** The whole array, several times right after one another. */
export async function readTimes(board: Board, times: number): Promise<ArrayReading[]> {
  const cells = Array.from({ length: cellCount(board.identity) }, (_, cell) => cell);
  const readings: ArrayReading[] = [];
  for (let time = 0; time < times; time += 1) readings.push(await board.read(cells));
  return readings;
}

const planResult = ({ measurement, readable, stress, problems }: CalibrationPlan) => ({
  ...measurement,
  nodes: { readable: readable.nodes.length, all: readable.all, meanV: readable.meanV },
  stress,
  problems,
});

/** Settings of the file, or of the measurement to go on with; what the command line says wins. */
function settingsOf(options: CalibrateOptions, chain: Chain | undefined): CalibrateSettings {
  const settings = chain?.manifests[0].measurement.settings ?? readCalibrateSettings(options.settings);
  const { board, device, seed, maxTime, targetK2, validFor } = options;
  return calibrateSchema.parse({
    ...settings,
    board: board ?? settings.board,
    device: device ?? settings.device,
    seed: seed ?? settings.seed,
    target: { ...settings.target, k2Rel: targetK2 ?? settings.target.k2Rel },
    limits: {
      ...settings.limits,
      maxBoardTimeS: maxTime === undefined ? settings.limits.maxBoardTimeS : maxTime * S_PER_MS,
    },
    validForDays: validFor === undefined ? settings.validForDays : validFor / MS_PER_DAY,
  });
}

function addressOf(
  { board }: CalibrateOptions,
  settings: CalibrateSettings,
  chain: Chain | undefined,
): string {
  const address = board ?? settings.board ?? chain?.manifests[0].board.address;
  if (address !== undefined) return address;
  throw new FnloopError('usage', 'Say which board: --board ADDRESS, or board: in the settings file.');
}

function assertSameBoard(boardId: string, chain: Chain | undefined): void {
  const first = chain?.manifests[0];
  const begunOn = first?.board.identity.boardId ?? boardId;
  if (begunOn === boardId) return;
  throw new FnloopError(
    'config-invalid',
    `Run ${first?.runId} was measured on board ${begunOn}, and board ${boardId} answers now.`,
  );
}
