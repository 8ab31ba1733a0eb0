import { existsSync } from 'node:fs';
import { Option } from 'commander';
import type { BoardIdentity } from '../board/types.ts';
import {
  assertCalibrates,
  type CalibrationFile,
  calibrationFile,
  firmwareNote,
  openCalibration,
} from '../chip/calibration-file.ts';
import { type CalibrationRecord, recordOf } from '../chip/calibration-record.ts';
import type { Experiment } from '../config/experiment.ts';
import type { Output } from './output.ts';

export const calibrationOption = () =>
  new Option('--calibration <file>', 'what `fnloop calibrate` has measured of the chip');

/** The calibration that an experiment names, before any board is asked. Throws as `openCalibration`. */
export const namedCalibration = ({ calibration }: Experiment): CalibrationFile | undefined =>
  calibration === undefined ? undefined : openCalibration(calibration);

interface Circumstances {
  readonly board: BoardIdentity;
  readonly wallNs: bigint;
  /** Folder of runs, whose place for calibrations is looked into. */
  readonly runs: string;
  readonly note: Output['note'];
}

/**
 * What is known of the board's chip by that calibration; tells the person at the terminal of one that was not named. Throws
 * `calibration-invalid` where it is not of this board, of another device than the experiment's, or expired.
 */
export function knownChip(
  opened: CalibrationFile | undefined,
  device: Experiment['device'],
  { board, wallNs, runs, note }: Circumstances,
): CalibrationRecord | undefined {
  if (opened === undefined) {
    const file = calibrationFile(runs, board.boardId);
    if (existsSync(file))
      note(`Board ${board.boardId} has a calibration, which is not used: --calibration ${file} uses it.`);
    return undefined;
  }
  assertCalibrates(opened, { board, device, wallNs });
  const firmware = firmwareNote(opened.calibration, board);
  if (firmware !== undefined) note(firmware);
  return recordOf(opened);
}
