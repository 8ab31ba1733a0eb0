import { temperatureLaw } from '../../../calibration/physics/temperature.ts';
import type { Calibration, CalibrationPoints } from '../../chip/calibration.ts';

/** One stage of a node's raw points in seconds, volts and kelvins. */
export interface RecordedStage {
  /** Null where nobody knows how much time passed. */
  readonly durationS: number | null;
  readonly amplitudeV: number;
  /** The reference temperature on boards that cannot tell. */
  readonly temperatureK: number;
  /** As read; null where it was not read, or beyond the valid range: there the model does not hold, or the converter was at its end. */
  readonly readV: number | null;
}

export interface RecordSettings {
  readonly board: Pick<Calibration['board'], 'nodeVPerCode' | 'amplitudeVPerCode'>;
  readonly dacGain: number;
  readonly validNodeV: { readonly min: number; readonly max: number };
}

const US_PER_S = 1e6;

export function recordedStages(
  { durationUs, dacCode, temperatureK, code }: CalibrationPoints,
  { board, dacGain, validNodeV }: RecordSettings,
): RecordedStage[] {
  return durationUs.map((us, index) => {
    const found = code[index] ?? null;
    const readV = found === null ? Number.NaN : found * board.nodeVPerCode;
    return {
      durationS: us === null ? null : us / US_PER_S,
      amplitudeV: (dacCode[index] ?? 0) * board.amplitudeVPerCode * dacGain,
      temperatureK: temperatureK[index] ?? temperatureLaw.referenceK,
      readV: readV >= validNodeV.min && readV <= validNodeV.max ? readV : null,
    };
  });
}
