import type { NodeSeries } from '../../calibration/fit/node-series.ts';
import { temperatureLaw } from '../../calibration/physics/temperature.ts';
import type { Converters } from '../board/converters.ts';
import type { CalibrationPoints } from '../chip/calibration.ts';

const US_PER_S = 1e6;

/** Raw points in volts and seconds, by the board's announced scales and the DAC gain that the device is said to have. */
export function seriesOf(points: CalibrationPoints, converters: Converters, dacGain: number): NodeSeries {
  return {
    node: points.node,
    durationS: Float64Array.from(points.durationUs, (us) => (us === null ? Number.NaN : us / US_PER_S)),
    amplitudeV: Float64Array.from(points.dacCode, (code) => code * converters.amplitudeVPerCode * dacGain),
    temperatureK: Float64Array.from(points.temperatureK, (kelvin) => kelvin ?? temperatureLaw.referenceK),
    readV: Float64Array.from(points.code, (code) => {
      if (code === null) return Number.NaN;
      return converters.isClipped(code) ? Number.POSITIVE_INFINITY : code * converters.nodeVPerCode;
    }),
  };
}
