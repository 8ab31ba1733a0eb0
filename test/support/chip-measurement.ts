import type { Action } from '../../calibration/design/measurement-plan.ts';
import { devices } from '../../calibration/devices.ts';
import type { FitSettings } from '../../calibration/fit/fit-settings.ts';
import type { NodeSeries } from '../../calibration/fit/node-series.ts';
import type { PulseKind } from '../../firmware-protocol/slots.ts';
import type { Chip } from '../../mocks/index.ts';

/** What the host holds of a chip of that device before any calibration, by the scales that its board announces. */
export function believedOf(
  { options: { preset } }: Chip,
  deviceName: string,
): FitSettings & { dacGain: number } {
  const device = devices[deviceName];
  if (device === undefined) throw new Error(`there is no device ${deviceName}`);
  const { readGain, averages } = preset.adc;
  return {
    start: {
      tunneling: device.tunneling,
      couplingRel: device.couplingFF.value / device.nodeCapacitanceFF.value,
      offsetV: 0,
      temperatureScale: 1,
    },
    readNoiseV: device.adcNoiseV / Math.sqrt(averages) / readGain,
    nodeCapacitanceFF: device.nodeCapacitanceFF.value,
    offsetSigmaV: device.readOffsetSigmaV,
    validNodeV: device.validNodeV,
    dacGain: device.dacGain.value,
  };
}

/** Stages of one node as they come. */
class Recorder {
  readonly #durationS: number[] = [];
  readonly #amplitudeV: number[] = [];
  readonly #temperatureK: number[] = [];
  readonly #readV: number[] = [];
  #atUs = 0;

  note(atUs: number, amplitudeV: number, temperatureK: number, readV: number): void {
    this.#durationS.push((atUs - this.#atUs) / 1e6);
    this.#amplitudeV.push(amplitudeV);
    this.#temperatureK.push(temperatureK);
    this.#readV.push(readV);
    this.#atUs = atUs;
  }

  series(node: number): NodeSeries {
    return {
      node,
      durationS: Float64Array.from(this.#durationS),
      amplitudeV: Float64Array.from(this.#amplitudeV),
      temperatureK: Float64Array.from(this.#temperatureK),
      readV: Float64Array.from(this.#readV),
    };
  }
}

/**
 * Carries actions out on a bare chip, as `fnloop calibrate` would on its board, and gives what each node read. Without firmware, wire
 * and run file, because statistics over many chips need the speed.
 */
export function measure(chip: Chip, actions: readonly Action[], dacGain: number): NodeSeries[] {
  const { cells: cellCount, preset } = chip.options;
  const { adc, dac } = preset;
  const cells = Array.from({ length: cellCount }, (_, cell) => cell);
  const columns = cellCount % 8 === 0 ? 8 : 1;
  const colorOf = (cell: number) => (Math.floor(cell / columns) + (cell % columns)) % 2;
  const recorders = Array.from({ length: 2 * cellCount }, () => new Recorder());
  const startUs = (place: number) => Math.floor(place / adc.groupNodes) * adc.groupUs;
  const endCode = 2 ** (adc.bits - 1);
  const voltsOf = (code = Number.NaN) =>
    code >= endCode - 1 || code <= -endCode
      ? Number.POSITIVE_INFINITY
      : (code * adc.fullScaleV) / endCode / adc.readGain;
  const note = (node: number, atUs: number, amplitudeV: number, readV: number) =>
    recorders[node]?.note(atUs, amplitudeV, chip.sensedTemperatureK() ?? 300, readV);

  const readAll = () => {
    const atUs = chip.timeUs;
    for (const [node, code] of chip.read(cells).entries()) note(node, atUs + startUs(node), 0, voltsOf(code));
  };
  const pulse = (kind: PulseKind, color: number, amplitudeV: number, widthUs: number) => {
    const wave = chip.wave(amplitudeV, widthUs);
    const nominalV = (wave.dacCode / 2 ** dac.bits) * dac.fullScaleV * dacGain;
    const slot = cells.filter((cell) => colorOf(cell) === color).map((cell) => ({ cell, kind, wave: 0 }));
    const codes = new Int32Array(2 * slot.length);
    const firstUs = chip.timeUs;
    chip.emit(slot, () => wave, codes, 0);
    const pulsedUs = firstUs + Math.ceil(slot.length / adc.groupNodes) * adc.groupUs;
    for (const [place, { cell }] of slot.entries()) {
      const node = 2 * cell + (kind === 'RESET' ? 1 : 0);
      const endUs = pulsedUs + widthUs;
      note(node, firstUs + startUs(place), 0, voltsOf(codes[2 * place]));
      note(node, pulsedUs, 0, Number.NaN);
      note(node, endUs, nominalV, Number.NaN);
      note(node, endUs + startUs(place), 0, voltsOf(codes[2 * place + 1]));
    }
  };

  readAll();
  for (const action of actions) {
    if (action.kind === 'read') for (let repeat = 1; repeat < action.repeats; repeat += 1) readAll();
    if (action.kind === 'rest') chip.restUntil(chip.timeUs + Math.round(action.durationS * 1e6));
    if (action.kind === 'pulse') {
      const { amplitudeV, widthS } = action;
      for (const kind of ['SET', 'RESET'] as const)
        for (const color of [0, 1]) pulse(kind, color, amplitudeV, Math.round(widthS * 1e6));
    }
    readAll();
  }
  return recorders.map((recorder, node) => recorder.series(node));
}
