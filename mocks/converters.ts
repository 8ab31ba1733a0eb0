import type { Preset } from './presets.ts';
import type { Normal } from './random.ts';

/** Node voltage to the averaged, quantized and clipped code that the board reports. */
export function adcCode(nodeV: number, { adc }: Preset, noise: Normal | undefined): number {
  if (!Number.isFinite(nodeV)) throw new RangeError(`a gate of the mock has no voltage: ${nodeV}`);
  const noiseV = noise === undefined ? 0 : (noise() * adc.noiseV) / Math.sqrt(adc.averages);
  const scale = 2 ** (adc.bits - 1);
  const code = Math.round(((nodeV * adc.readGain + noiseV) / adc.fullScaleV) * scale);
  return Math.max(-scale, Math.min(scale - 1, code));
}

/** The DAC code nearest to a wanted amplitude. */
export function dacCode(amplitudeV: number, { dac }: Preset): number {
  const codes = 2 ** dac.bits;
  return Math.min(codes - 1, Math.round((amplitudeV / dac.fullScaleV) * codes));
}

/** What the DAC really puts out for a code. */
export function dacOutputV(code: number, { dac }: Preset): number {
  return (code / 2 ** dac.bits) * dac.fullScaleV * dac.gain;
}
