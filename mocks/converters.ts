import type { ConverterErrors, Defect } from './chip-design.ts';
import type { Preset } from './presets.ts';
import type { Normal } from './random.ts';

/** Node voltages to the averaged, quantized and clipped codes that the board reports. */
export class ReadPath {
  readonly #scale: number;
  readonly #gainPerV: number;
  readonly #noiseCodes: number;
  readonly #noise: Normal | undefined;
  readonly #offsetV: Float64Array;
  readonly #isDead: Uint8Array;

  constructor(
    { adc }: Preset,
    { readGainRel, channelOffsetV }: Pick<ConverterErrors, 'readGainRel' | 'channelOffsetV'>,
    defects: readonly (Defect | undefined)[],
    noise: Normal | undefined,
  ) {
    this.#scale = 2 ** (adc.bits - 1);
    this.#gainPerV = (adc.readGain * (1 + readGainRel) * this.#scale) / adc.fullScaleV;
    this.#noiseCodes = ((adc.noiseV / Math.sqrt(adc.averages)) * this.#scale) / adc.fullScaleV;
    this.#noise = noise;
    this.#offsetV = Float64Array.from(
      defects,
      (_, node) => channelOffsetV[node % channelOffsetV.length] ?? 0,
    );
    this.#isDead = Uint8Array.from(defects, (defect) => Number(defect === 'dead'));
  }

  /** The code of a node; the rail's where its channel is dead. */
  code(node: number, nodeV: number): number {
    if (!Number.isFinite(nodeV)) throw new RangeError(`a gate of the mock has no voltage: ${nodeV}`);
    if (this.#isDead[node] === 1) return this.#scale - 1;
    const noiseCodes = this.#noise === undefined ? 0 : this.#noise() * this.#noiseCodes;
    const code = Math.round((nodeV + (this.#offsetV[node] ?? 0)) * this.#gainPerV + noiseCodes);
    return Math.max(-this.#scale, Math.min(this.#scale - 1, code));
  }
}

/** The DAC code nearest to a wanted amplitude. */
export function dacCode(amplitudeV: number, { dac }: Preset): number {
  const codes = 2 ** dac.bits;
  return Math.min(codes - 1, Math.round((amplitudeV / dac.fullScaleV) * codes));
}

/** What the DAC really puts out for a code. */
export function dacOutputV(code: number, { dac }: Preset, { dacGain, dacOffsetV }: ConverterErrors): number {
  return (code / 2 ** dac.bits) * dac.fullScaleV * dacGain + dacOffsetV;
}
