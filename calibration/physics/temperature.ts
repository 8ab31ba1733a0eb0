import type { Provenance } from '../provenance.ts';
import type { Tunneling } from './tunneling.ts';

/** How tunneling parameters move with temperature, relative to their values at a reference; THEORY.md, equation 17. */
export interface TemperatureLaw {
  readonly referenceK: number;
  /** d ln k1 / dT and d ln k2 / dT, 1/K. */
  readonly k1RelPerK: number;
  readonly k2RelPerK: number;
  readonly provenance: Provenance;
}

/** +0.73 %/K of the rate near 8 V. */
export const temperatureLaw: TemperatureLaw = {
  referenceK: 300,
  k1RelPerK: 0.003,
  k2RelPerK: -1.16e-4,
  provenance: 'assumed',
};

/**
 * A node's parameters at a temperature. `scale` is how strongly this node follows the law: 1 as the law says, 0
 * not at all; a fit finds it where the temperature moved.
 */
export function tunnelingAt(
  { k1PerS, k2V }: Tunneling,
  temperatureK: number,
  scale = 1,
  { referenceK, k1RelPerK, k2RelPerK }: TemperatureLaw = temperatureLaw,
): Tunneling {
  const shift = scale * (temperatureK - referenceK);
  return { k1PerS: k1PerS * (1 + k1RelPerK * shift), k2V: k2V * (1 + k2RelPerK * shift) };
}
