import type { Slot } from '../firmware-protocol/slots.ts';
import { type ArrayOptions, CellArray } from './cell-array.ts';
import { adcCode, dacCode, dacOutputV } from './converters.ts';
import type { FloatingGate } from './floating-gate.ts';
import type { Preset } from './presets.ts';
import { type Normal, normalStream } from './random.ts';

/** What a slot names by number: a pulse shape, and the DAC code that stands for its amplitude. */
export interface Wave {
  readonly amplitudeV: number;
  readonly widthUs: number;
  readonly dacCode: number;
  /** What the DAC really puts out. */
  readonly outputV: number;
}

/** Array and converters. They know no firmware, so they outlive its restarts. */
export class Chip {
  readonly array: CellArray;
  readonly #preset: Preset;
  readonly #readNoise: Normal | undefined;
  readonly #sensorNoise: Normal | undefined;
  #timeUs = 0;

  constructor(preset: Preset, options: ArrayOptions) {
    this.#preset = preset;
    this.array = new CellArray(preset, options);
    this.#readNoise = options.noise ? normalStream(options.seed, 'reading') : undefined;
    this.#sensorNoise = options.noise ? normalStream(options.seed, 'sensor') : undefined;
  }

  /** The time up to which it has been busy, us of its board's life. */
  get timeUs(): number {
    return this.#timeUs;
  }

  /** Rests until `us`, unless it is busy for longer. */
  restUntil(us: number): void {
    this.#timeUs = Math.max(this.#timeUs, us);
  }

  wave(amplitudeV: number, widthUs: number): Wave {
    const code = dacCode(amplitudeV, this.#preset);
    return { amplitudeV, widthUs, dacCode: code, outputV: dacOutputV(code, this.#preset) };
  }

  /** What the chip's sensor says of its temperature. */
  sensedTemperatureK(): number {
    const { temperatureK, sensorNoiseK } = this.#preset;
    return temperatureK + sensorNoiseK * (this.#sensorNoise?.() ?? 0);
  }

  /** Codes of both nodes of each cell, S then R. */
  read(cells: readonly number[]): Int32Array {
    const nodes = cells.flatMap((cell) => [this.array.gate(cell, 'SET'), this.array.gate(cell, 'RESET')]);
    const codes = new Int32Array(nodes.length);
    this.#convert(nodes, codes, 0, 1);
    return codes;
  }

  /**
   * One slot: reads the nodes, pulses them together, reads them again, rests. Codes go to `codes`, before
   * and after for each pulse, from the place of pulse `first`.
   */
  emit(slot: Slot, waveOf: (wave: number) => Wave, gapUs: number, codes: Int32Array, first: number): void {
    const nodes = slot.map(({ cell, kind }) => this.array.gate(cell, kind));
    this.#convert(nodes, codes, 2 * first, 2);
    const startUs = this.#timeUs;
    let slotUs = 0;
    for (const { cell, kind, wave } of slot) {
      const { outputV, widthUs } = waveOf(wave);
      this.array.pulse(cell, kind, { startUs, widthUs }, outputV);
      slotUs = Math.max(slotUs, widthUs);
    }
    this.#timeUs += slotUs;
    this.#convert(nodes, codes, 2 * first + 1, 2);
    this.#timeUs += gapUs;
  }

  /** Converts nodes group by group; each group takes its time, and the cells go on decaying meanwhile. */
  #convert(nodes: readonly FloatingGate[], codes: Int32Array, first: number, stride: number): void {
    const { groupNodes, groupUs } = this.#preset.adc;
    nodes.forEach((node, index) => {
      if (index > 0 && index % groupNodes === 0) this.#timeUs += groupUs;
      codes[first + stride * index] = adcCode(node.voltageAt(this.#timeUs), this.#preset, this.#readNoise);
    });
    if (nodes.length > 0) this.#timeUs += groupUs;
  }
}
