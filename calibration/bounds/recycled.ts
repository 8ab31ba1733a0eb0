import { thermalEnergyZJ } from '../constants.ts';

/**
 * kT ln((1 - eps)/eps) for each update whose barrier energy is recovered, zJ: what is left is the tilt that makes a step
 * right more often than wrong; THEORY.md, equation 12d. Throws RangeError unless 0 < eps < 1/2: at one half nothing is learned.
 */
export function recycledZJ({
  errorRate,
  temperatureK,
}: {
  /** eps: probability of a step in the wrong direction. */
  readonly errorRate: number;
  readonly temperatureK: number;
}): number {
  if (!(errorRate > 0 && errorRate < 0.5)) {
    throw new RangeError(`errorRate: expected a probability above 0 and below 0.5, found ${errorRate}`);
  }
  return thermalEnergyZJ(temperatureK) * (Math.log1p(-errorRate) - Math.log(errorRate));
}
