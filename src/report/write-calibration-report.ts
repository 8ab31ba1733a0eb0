import { join } from 'node:path';
import { devices } from '../../calibration/devices.ts';
import type { Calibration } from '../chip/calibration.ts';
import { FnloopError } from '../core/errors.ts';
import { calibrationDrawings } from './calibration/calibration-drawings.ts';
import { calibrationPage } from './calibration/calibration-page.ts';
import { drawAll } from './drawing.ts';
import { writePage } from './write-page.ts';

const CALIBRATION_REPORT_FILE = 'calibration.html';

/** Writes the page of a calibration into a folder that exists and returns its path. Rejects with `record-failed`. */
export async function writeCalibrationReport(calibration: Calibration, folder: string): Promise<string> {
  const device = devices[calibration.device];
  if (device === undefined) {
    throw new FnloopError(
      'calibration-invalid',
      `The calibration of board ${calibration.board.boardId} is of a device '${calibration.device}', of which this fnloop has no description.`,
    );
  }
  const path = join(folder, CALIBRATION_REPORT_FILE);
  const figures = await drawAll(calibrationDrawings(calibration, device));
  writePage(path, await calibrationPage(calibration, device, figures));
  return path;
}
