import type { Device } from '../../calibration/devices.ts';
import type { Verdict } from '../../calibration/fit/verdict.ts';
import type { Calibration } from './calibration.ts';
import type { CalibrationFile } from './calibration-file.ts';
import { type ChipModel, calibratedChip, nominalChip } from './chip-model.ts';

/** What a run keeps of the calibration that it used: all but the raw points, so that its file stands alone. */
export interface CalibrationRecord {
  /** As it was named. */
  readonly file: string;
  readonly sha256: string;
  readonly firmware: string;
  readonly measuredFromWallNs: string;
  readonly measuredToWallNs: string;
  readonly runs: Calibration['measured']['runs'];
  readonly temperatureK: Calibration['measured']['temperatureK'];
  readonly expiresWallNs: string;
  readonly weightSign: Calibration['weightSign'];
  readonly readNoiseV: number;
  readonly given: Calibration['given'];
  readonly nodes: number;
  readonly goodNodes: number;
  /** How many nodes have each verdict that occurs. */
  readonly verdicts: Readonly<Partial<Record<Verdict, number>>>;
  readonly results: Calibration['nodes'];
}

export function recordOf({ file, sha256, calibration }: CalibrationFile): CalibrationRecord {
  const { board, measured, expiresWallNs, weightSign, readNoiseV, given, nodes: results } = calibration;
  const verdicts: Partial<Record<Verdict, number>> = {};
  for (const { verdict } of results) verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
  return {
    file,
    sha256,
    firmware: board.firmware,
    measuredFromWallNs: measured.fromWallNs,
    measuredToWallNs: measured.toWallNs,
    runs: measured.runs,
    temperatureK: measured.temperatureK,
    expiresWallNs,
    weightSign,
    readNoiseV,
    given,
    nodes: results.length,
    goodNodes: verdicts.good ?? 0,
    verdicts,
    results,
  };
}

/** The chip that a run believed in: as its calibration was, or without one as the device's description says. */
export function chipOf(device: Device, record: CalibrationRecord | undefined): ChipModel {
  if (record === undefined) return nominalChip(device);
  const { results: nodes, temperatureK, weightSign } = record;
  return calibratedChip({ nodes, measured: { temperatureK }, weightSign }, device);
}
