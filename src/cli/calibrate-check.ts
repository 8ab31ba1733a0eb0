import { join } from 'node:path';
import { devices } from '../../calibration/devices.ts';
import type { Board } from '../board/board.ts';
import { nodeName } from '../board/nodes.ts';
import {
  type CheckedFall,
  type CheckResult,
  checkSteps,
  goodNodes,
  judgeCheck,
} from '../calibrating/check.ts';
import { nothingDone } from '../calibrating/measurement.ts';
import { CHECK, runMeasurement } from '../calibrating/measurement-run.ts';
import {
  assertCalibrates,
  type CalibrationFile,
  calibrationFile,
  firmwareNote,
  openCalibration,
  writeCalibration,
} from '../chip/calibration-file.ts';
import { readCalibrateSettings } from '../config/calibrate.ts';
import { FnloopError } from '../core/errors.ts';
import { percent, plain, quantity } from '../core/format.ts';
import { waitFor } from '../core/waiting.ts';
import { RunFile } from '../store/run-file.ts';
import { newRunId } from '../store/run-folder.ts';
import { RunReader } from '../store/run-reader.ts';
import { noHistory, openHistory } from '../training/board-history.ts';
import { hasHistory, parseAddress } from '../transport/address.ts';
import type { App } from './app.ts';
import { borrowing } from './by-daemon/borrowing.ts';
import { readTimes } from './calibrate-measure.ts';
import type { CalibrateOptions } from './commands/calibrate.ts';
import { interruptionOf } from './interruption.ts';
import { listing, table } from './table.ts';

const FIRST_READINGS = 3;

/**
 * A few readings, rests and two pulses a cell: does the chip still do what its calibration says? Where it does not, the file is marked
 * as expired from now on, and `calibration-stale` is thrown.
 */
export async function checkCalibration(
  app: App,
  options: CalibrateOptions,
  named: string | true,
): Promise<void> {
  const { board: address, runs } = options;
  if (address === undefined) throw new FnloopError('usage', 'Say which board: --board ADDRESS.');
  // A file that cannot be used is told before the board is opened.
  const given = named === true ? undefined : openCalibration(named);
  const seed = options.seed ?? 1;
  const runId = newRunId(app.clock.wallNs(), CHECK, seed);
  const folder = join(runs, runId);
  app.nowOn(runId);
  const command = 'fnloop calibrate --check';
  const { status, found } = await borrowing(app, { address, runs, command }, () =>
    app.withBoard(
      address,
      async (board) => {
        const opened = given ?? openCalibration(calibrationFile(runs, board.identity.boardId));
        return {
          status: await checkOn(board, opened, { app, options, address, runId, folder }),
          found: opened,
        };
      },
      { seed, wireLog: options.wireLog, patience: options.patience },
    ),
  );
  if (status === 'interrupted')
    throw await interruptionOf(folder, `Run ${runId} was interrupted: the calibration is as it was.`);
  const { file, calibration } = found;
  const result = await RunReader.with(folder, (run) => judgeCheck(run, calibration));
  app.output(options.json === true).result({ file, runId, ...result }, () => checkText(result, file, runId));
  if (result.holds) return;
  writeCalibration(file, { ...calibration, expiresWallNs: String(app.clock.wallNs()) });
  throw new FnloopError(
    'calibration-stale',
    `Board ${calibration.board.boardId} no longer does what ${file} says: ${result.beyond} of ${result.falls} falls are beyond 3 sigma where ` +
      `${result.beyondExpected.toFixed(1)} were to be expected, chi square is ${result.chi2Z.toFixed(1)} sigma too large; its nodes rest ` +
      `${percent(result.restRatio)} and answer pulses ${percent(result.pulseRatio)} of what was predicted. The file has expired from now on: measure the chip anew with 'fnloop calibrate'.`,
  );
}

interface Work {
  readonly app: App;
  readonly options: CalibrateOptions;
  readonly address: string;
  readonly runId: string;
  readonly folder: string;
}

async function checkOn(
  board: Board,
  { file, sha256, calibration }: CalibrationFile,
  { app, options, address, runId, folder }: Work,
): Promise<'finished' | 'interrupted'> {
  const { note } = app.output(options.json === true);
  assertCalibrates(
    { file, calibration },
    { board: board.identity, device: calibration.device, wallNs: app.clock.wallNs() },
  );
  if (goodNodes(calibration).length === 0)
    throw new FnloopError(
      'chip-unfit',
      `${file} has no cell of which both nodes are good: there is nothing to check.`,
    );
  const firmware = firmwareNote(calibration, board.identity);
  if (firmware !== undefined) note(firmware);
  const device = devices[calibration.device];
  if (device === undefined)
    throw new FnloopError('invariant', `Device ${calibration.device} passed the schema but is unknown.`);
  const history = hasHistory(parseAddress(address))
    ? await openHistory(options.runs, board, app.clock)
    : noHistory;
  const readings = await readTimes(board, FIRST_READINGS);
  const runFile = await RunFile.create(folder, app.clock);
  note(
    `Run ${runId} on ${board.identity.source} ${board.identity.boardId} at ${board.address}, recorded in ${folder}.`,
  );
  return history.charging(folder, () =>
    runMeasurement({
      runId,
      task: CHECK,
      board,
      runFile,
      device,
      steps: checkSteps(calibration, board.identity),
      readings,
      settings: readCalibrateSettings(undefined),
      past: history.past,
      progress: { ...nothingDone, sign: calibration.weightSign },
      manifest: { checked: { file, sha256, measured: calibration.measured } },
      clock: app.clock,
      signal: app.signal,
      onAction: () => {},
      wait: waitFor,
    }),
  );
}

function checkText(result: CheckResult, file: string, runId: string): string {
  const { nodes, falls, chi2, chi2Z, beyond, beyondExpected, beyondProbability, restRatio, pulseRatio } =
    result;
  const overall = listing([
    ['calibration', file],
    ['verdict', result.holds ? 'it holds' : 'it no longer holds'],
    ['nodes', `${nodes}, ${falls} falls compared`],
    ['chi2/falls', `${(chi2 / falls).toFixed(3)}, ${chi2Z.toFixed(1)} sigma from 1`],
    [
      'beyond 3 sigma',
      `${beyond}, by chance ${beyondExpected.toFixed(1)} (probability of as many: ${plain(beyondProbability)})`,
    ],
    ['found / predicted', `${restRatio.toFixed(4)} at rest, ${pulseRatio.toFixed(4)} under pulses (median)`],
    ['run', runId],
  ]);
  if (result.worst.length === 0) return overall;
  const row = ({ node, isPulse, foundV, expectedV, sigmaV }: CheckedFall) => [
    nodeName(node),
    isPulse ? 'pulse' : 'rest',
    quantity(foundV, 'V'),
    quantity(expectedV, 'V'),
    quantity(sigmaV, 'V'),
    ((foundV - expectedV) / sigmaV).toFixed(1),
  ];
  return `${overall}\n${table(['worst', 'in a', 'fell', 'predicted', 'sigma', 'sigmas'], result.worst.map(row))}`;
}
