import { tunnelingAt } from '../physics/temperature.ts';
import { tunnelingDropV } from '../physics/tunneling.ts';
import { filterPoint, NodeFilter } from './node-filter.ts';
import type { NodeFit } from './node-fit.ts';

/** A pulse, or with amplitude 0 a rest, of a node at a voltage. */
export interface PulseAt {
  /** As read, V. */
  readonly nodeV: number;
  readonly amplitudeV: number;
  readonly widthS: number;
  readonly temperatureK: number;
}

const NO_NOISE = { readVariance: 0, electronV: 0 };

/**
 * How far a node will fall, V, and the sigma that the covariance of its parameters gives (delta method); without the shot
 * noise of the fall itself and the noise of readings.
 */
export function predictDrop(
  { parameters, covariance }: Pick<NodeFit, 'parameters' | 'covariance'>,
  { nodeV, amplitudeV, widthS, temperatureK }: PulseAt,
): { readonly dropV: number; readonly sigmaV: number } {
  const { tunneling, couplingRel, offsetV, temperatureScale } = parameters;
  const node = tunnelingAt(tunneling, temperatureK, temperatureScale);
  const dropV = tunnelingDropV(nodeV - offsetV, couplingRel * amplitudeV, widthS, node);

  // At an endless reference voltage the filter's ln of the rate is ln k1 itself.
  const filter = new NodeFilter(filterPoint(parameters, Number.POSITIVE_INFINITY), NO_NOISE);
  filter.observe(nodeV);
  const before = Float64Array.from(filter.slopes);
  filter.propagate(widthS, amplitudeV, temperatureK);
  const slopes = before.map((slope, index) => slope - (filter.slopes[index] ?? 0));
  const variance = slopes.reduce(
    (sum, slope, row) =>
      sum +
      slope * slopes.reduce((part, other, column) => part + other * (covariance[row]?.[column] ?? 0), 0),
    0,
  );
  return { dropV, sigmaV: Math.sqrt(Math.max(0, variance)) };
}
