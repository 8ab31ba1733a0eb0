import type { PulseKind, Slot } from '../firmware-protocol/slots.ts';
import { CellArray } from './cell-array.ts';
import { type ChipDesign, designChip } from './chip-design.ts';
import type { ChipState } from './chip-state.ts';
import { type ChipTruth, truthOf } from './chip-truth.ts';
import { dacCode, dacOutputV, ReadPath } from './converters.ts';
import { FloatingGates } from './floating-gates.ts';
import type { Preset } from './presets.ts';
import { type Normal, normalStream } from './random.ts';
import { Thermal } from './thermal.ts';

export interface ChipOptions {
  readonly preset: Preset;
  readonly cells: number;
  readonly seed: number;
  readonly noise: boolean;
  readonly mismatch: boolean;
  /** The preset's where absent. */
  readonly temperatureK?: number | undefined;
  readonly driftKPerHour?: number | undefined;
  /** A chip without one does not know its temperature. */
  readonly sensor?: boolean | undefined;
}

/** What a slot names by number: a pulse shape, and the DAC code that stands for its amplitude. */
export interface Wave {
  readonly amplitudeV: number;
  readonly widthUs: number;
  readonly dacCode: number;
  /** What the DAC really puts out. */
  readonly outputV: number;
}

/**
 * Array and converters. They know no firmware, so they outlive its restarts. Given the state of an earlier
 * object of the same chip, it goes on from there.
 */
export class Chip {
  readonly array: CellArray;
  readonly #options: ChipOptions;
  readonly #design: ChipDesign;
  readonly #gates: FloatingGates;
  readonly #thermal: Thermal;
  readonly #readPath: ReadPath;
  readonly #sensorNoise: Normal | undefined;
  readonly #openings: number;
  #timeUs: number;

  constructor(options: ChipOptions, earlier?: ChipState) {
    const { preset, seed, temperatureK, driftKPerHour } = options;
    this.#options = options;
    this.#openings = earlier === undefined ? 0 : earlier.openings + 1;
    this.#timeUs = earlier?.timeUs ?? 0;
    const stream = (purpose: 'shot' | 'reading' | 'sensor') =>
      options.noise ? normalStream(seed, purpose, this.#openings) : undefined;
    this.#design = designChip(preset, options);
    const { gates, defects, converters } = this.#design;
    const start = {
      fromUs: 0,
      fromK: temperatureK ?? preset.temperatureK,
      driftKPerHour: driftKPerHour ?? 0,
    };
    this.#thermal = new Thermal(preset.thermal, earlier?.thermal ?? start);
    this.#gates = new FloatingGates(gates, this.#thermal, stream('shot'), earlier?.gates);
    if (earlier !== undefined) this.#setThermal(temperatureK ?? this.temperatureK, driftKPerHour);
    this.array = new CellArray({
      gates: this.#gates,
      couplingRel: Float64Array.from(
        gates,
        ({ couplingFF, nodeCapacitanceFF }) => couplingFF / nodeCapacitanceFF,
      ),
      disturbRel: preset.disturbRel,
      pulses: earlier?.pulses ?? new Float64Array(gates.length),
    });
    this.#readPath = new ReadPath(preset, converters, defects, stream('reading'));
    this.#sensorNoise = stream('sensor');
  }

  get options(): ChipOptions {
    return this.#options;
  }

  /** The time up to which it has been busy, us of its life. */
  get timeUs(): number {
    return this.#timeUs;
  }

  /** Rests until `us`, unless it is busy for longer. */
  restUntil(us: number): void {
    this.#timeUs = Math.max(this.#timeUs, us);
  }

  /** True temperature at the time up to which it has been busy. */
  get temperatureK(): number {
    return this.temperatureAt(this.#timeUs);
  }

  /** True temperature at `us` if nobody sets another one, K. */
  temperatureAt(us: number): number {
    return this.#thermal.temperatureK(us);
  }

  /** From now on it has, or drifts from, this temperature. */
  set temperatureK(kelvin: number) {
    this.#setThermal(kelvin, undefined);
  }

  get driftKPerHour(): number {
    return this.#thermal.state.driftKPerHour;
  }

  /** What its sensor says; nothing where it has none. */
  sensedTemperatureK(): number | undefined {
    const { preset, sensor } = this.#options;
    if (sensor === false) return undefined;
    return this.temperatureK + preset.sensorNoiseK * (this.#sensorNoise?.() ?? 0);
  }

  /** All that its seed decided and no converter tells. */
  get truth(): ChipTruth {
    return truthOf(this, this.#design);
  }

  /** True voltage of a gate at `us`, or at the time up to which the chip has been busy. Time does not go back. */
  trueNodeV(cell: number, kind: PulseKind, us = this.#timeUs): number {
    return this.array.voltageAt(this.array.node(cell, kind), us);
  }

  wave(amplitudeV: number, widthUs: number): Wave {
    const { preset } = this.#options;
    const code = dacCode(amplitudeV, preset);
    return {
      amplitudeV,
      widthUs,
      dacCode: code,
      outputV: dacOutputV(code, preset, this.#design.converters),
    };
  }

  /** Codes of both nodes of each cell, S then R. */
  read(cells: readonly number[]): Int32Array {
    const codes = new Int32Array(2 * cells.length);
    cells.forEach((cell, index) => {
      this.#convert(cell, 'SET', codes, 2 * index, 2 * index);
      this.#convert(cell, 'RESET', codes, 2 * index + 1, 2 * index + 1);
    });
    this.#endConversion(codes.length);
    return codes;
  }

  /**
   * One slot: reads the nodes, pulses them together, reads them again. Codes go to `codes`, before
   * and after for each pulse, from the place of pulse `first`.
   */
  emit(slot: Slot, waveOf: (wave: number) => Wave, codes: Int32Array, first: number): void {
    this.#convertSlot(slot, codes, 2 * first);
    this.#timeUs += this.array.emit(slot, this.#timeUs, waveOf);
    this.#convertSlot(slot, codes, 2 * first + 1);
  }

  /** All that another object of this chip needs to go on from `us`, or from when it is no longer busy. Shares arrays with it. */
  stateAt(us: number): ChipState {
    return {
      openings: this.#openings,
      timeUs: Math.max(us, this.#timeUs),
      thermal: this.#thermal.state,
      pulses: this.array.pulseCounts,
      gates: this.#gates.state,
    };
  }

  #setThermal(fromK: number, driftKPerHour = this.#thermal.state.driftKPerHour): void {
    this.#gates.settle(this.#timeUs);
    this.#thermal.state = { fromUs: this.#timeUs, fromK, driftKPerHour };
    this.#gates.settle(this.#timeUs);
  }

  #convertSlot(slot: Slot, codes: Int32Array, first: number): void {
    slot.forEach(({ cell, kind }, index) => {
      this.#convert(cell, kind, codes, first + 2 * index, index);
    });
    this.#endConversion(slot.length);
  }

  /** Nodes are converted group by group; each group takes its time, and the cells go on decaying meanwhile. */
  #convert(cell: number, kind: PulseKind, codes: Int32Array, place: number, index: number): void {
    const { groupNodes, groupUs } = this.#options.preset.adc;
    if (index > 0 && index % groupNodes === 0) this.#timeUs += groupUs;
    const node = this.array.node(cell, kind);
    codes[place] = this.#readPath.code(node, this.array.voltageAt(node, this.#timeUs));
  }

  #endConversion(nodes: number): void {
    if (nodes > 0) this.#timeUs += this.#options.preset.adc.groupUs;
  }
}
