import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { convertersOf } from '../board/converters.ts';
import type { BoardIdentity } from '../board/types.ts';
import { readSealed, spellSealed } from '../config/sealed.ts';
import { replaceFile } from '../core/atomic-file.ts';
import { FnloopError, messageOf } from '../core/errors.ts';
import { makeFolders, safeFileName } from '../core/files.ts';
import { wallTime } from '../core/format.ts';
import { CALIBRATION_VERSION, type Calibration, calibrationSchema } from './calibration.ts';

/** Within the folder of runs. */
const FOLDER = 'calibrations';

/** Announced scales are the same numbers each time: more than rounding apart is another converter. */
const SAME_REL = 1e-9;

/** A calibration with where it was found; `sha256` is of the file as it lies there, in hex. */
export interface CalibrationFile {
  readonly file: string;
  readonly sha256: string;
  readonly calibration: Calibration;
}

/** Folder of the calibrations beside the runs. */
export const calibrationsFolder = (runsFolder: string): string => join(runsFolder, FOLDER);

/** Where the calibration of a board is held unless another place is named. */
export const calibrationFile = (runsFolder: string, boardId: string): string =>
  join(calibrationsFolder(runsFolder), `${safeFileName(boardId)}.json`);

/** Replaces the file as a whole, and makes its folder. On disk when it returns; throws `record-failed`. */
export function writeCalibration(file: string, calibration: Calibration): void {
  try {
    makeFolders(dirname(resolve(file)));
    replaceFile(file, spellSealed(calibration));
  } catch (cause) {
    throw new FnloopError(
      'record-failed',
      `Cannot write ${file}, the calibration of board ${calibration.board.boardId}: ${messageOf(cause)}.`,
      { cause },
    );
  }
}

/**
 * Reads what `writeCalibration` wrote. Throws `file-missing`, or `calibration-invalid` for a file that is cut off, edited, of a newer
 * fnloop, or no calibration.
 */
export function openCalibration(file: string): CalibrationFile {
  const text = textOf(file);
  const calibration = readSealed(text, calibrationSchema, CALIBRATION_VERSION);
  if (typeof calibration === 'string') throw unusable(file, calibration);
  return { file, sha256: createHash('sha256').update(text).digest('hex'), calibration };
}

/** What a calibration file says. Throws as `openCalibration`. */
export const readCalibration = (file: string): Calibration => openCalibration(file).calibration;

/** What a calibration has to fit. */
export interface Use {
  readonly board: BoardIdentity;
  /** Name of the device whose capacitances and converters are believed. */
  readonly device: string;
  readonly wallNs: bigint;
}

/**
 * Throws `calibration-invalid` unless the calibration is of this board as it is now: same id, geometry, announced scales and device, and
 * not past its expiry. Another firmware is no reason, because the scales say what codes mean; see `firmwareNote`.
 */
export function assertCalibrates({ file, calibration }: Omit<CalibrationFile, 'sha256'>, use: Use): void {
  const reason = misfit(calibration, use);
  if (reason !== undefined) throw unusable(file, reason);
}

function misfit(calibration: Calibration, { board, device, wallNs }: Use): string | undefined {
  const { boardId, rows, columns } = calibration.board;
  if (boardId !== board.boardId) return `it is of board ${boardId}, and this is board ${board.boardId}`;
  if (rows !== board.rows || columns !== board.columns)
    return `it is of an array of ${rows} rows and ${columns} columns, and board ${boardId} has ${board.rows} and ${board.columns}`;
  const converters = convertersOf(board);
  for (const [name, unit] of scales) {
    const [then, now] = [calibration.board[name], converters[name]];
    if (Math.abs(then - now) > SAME_REL * now)
      return `it was measured at ${then} ${unit}, and board ${boardId} announces ${now}: its converters are not those of then`;
  }
  if (device !== calibration.device)
    return `it was measured as device ${calibration.device}, and this is device ${device}`;
  const { expiresWallNs, measured } = calibration;
  if (wallNs < BigInt(expiresWallNs)) return undefined;
  return `it was measured until ${wallTime(measured.toWallNs)} and is good until ${wallTime(expiresWallNs)}, and now it is ${wallTime(wallNs)}`;
}

const scales = [
  ['nodeVPerCode', 'V a step of the ADC'],
  ['amplitudeVPerCode', 'V a step of the DAC'],
] as const;

/** A sentence where the board runs another firmware than the one it was calibrated with; undefined where it does not. */
export const firmwareNote = (
  { board: { boardId, firmware } }: Calibration,
  board: BoardIdentity,
): string | undefined =>
  firmware === board.firmware
    ? undefined
    : `Board ${boardId} was calibrated with firmware ${firmware} and now runs ${board.firmware}; 'fnloop calibrate --check' tells whether the calibration still holds.`;

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new FnloopError(
      'file-missing',
      `Cannot read the calibration ${file}: ${messageOf(cause)}. 'fnloop calibrate' measures one.`,
      { cause },
    );
  }
}

const unusable = (file: string, reason: string) =>
  new FnloopError(
    'calibration-invalid',
    `The calibration ${file} cannot be used: ${reason}. Measure the chip anew with 'fnloop calibrate', or name another file.`,
  );
