import type { Action, MeasurementPlan } from '../../calibration/design/measurement-plan.ts';
import { planMeasurement } from '../../calibration/design/plan-measurement.ts';
import { devices } from '../../calibration/devices.ts';
import type { FitSettings } from '../../calibration/fit/fit-settings.ts';
import type { NodeSeries } from '../../calibration/fit/node-series.ts';
import type { PulseKind } from '../../firmware-protocol/slots.ts';
import type { Chip } from '../../mocks/chip.ts';
import type { Preset } from '../../mocks/presets.ts';

/** What a calibration of the device would believe beforehand, by the scales that a board of that preset announces. */
export function believedOf(preset: Preset, deviceName: string): FitSettings {
  const device = devices[deviceName];
  if (device === undefined) throw new Error(`there is no device ${deviceName}`);
  const { readGain, noiseV, averages } = preset.adc;
  return {
    start: {
      tunneling: device.tunneling,
      couplingRel: device.couplingFF.value / device.nodeCapacitanceFF.value,
      offsetV: 0,
      temperatureScale: 1,
    },
    readNoiseV: noiseV / Math.sqrt(averages) / readGain,
    nodeCapacitanceFF: device.nodeCapacitanceFF.value,
    offsetSigmaV: device.readOffsetSigmaV,
    validNodeV: device.validNodeV,
  };
}

/** The plan that `fnloop calibrate` would make for fresh cells. */
export function planFor(believed: FitSettings, preset: Preset, nodeV = preset.startV): MeasurementPlan {
  const readS = preset.adc.groupUs / 1e6;
  return planMeasurement({
    nodeV,
    believed,
    limits: {
      maxAmplitudeV: preset.limits.maxAmplitudeV,
      minWidthS: preset.limits.minWidthUs / 1e6,
      maxWidthS: 0.2,
      maxBoardTimeS: 3600,
      minNodeV: 7,
      maxPulsesPerNode: 100,
    },
    target: { k2Rel: 1e-3, responseRel: 5e-3 },
    timing: { readS, pulseOverheadS: 8 * readS },
  });
}

interface Recorder {
  readonly durationS: number[];
  readonly amplitudeV: number[];
  readonly temperatureK: number[];
  readonly readV: number[];
  atUs: number;
}

/**
 * Carries a plan out on a bare chip of at most 4 cells in one column, whose nodes all are converted at once. What it cost
 * a board, a wire and a run file is not there: statistics over many chips need the speed.
 */
export function measure(chip: Chip, preset: Preset, plan: MeasurementPlan, dacGain: number): NodeSeries[] {
  const cells = Array.from({ length: chip.array.cells }, (_, cell) => cell);
  const { fullScaleV, bits, readGain, groupUs } = preset.adc;
  const voltsOf = (code: number) => (code * fullScaleV) / 2 ** (bits - 1) / readGain;
  const recorders = cells.flatMap(() =>
    [0, 1].map((): Recorder => ({ durationS: [], amplitudeV: [], temperatureK: [], readV: [], atUs: 0 })),
  );
  const note = (node: number, atUs: number, amplitudeV: number, readV: number) => {
    const recorder = recorders[node];
    if (recorder === undefined) throw new Error(`there is no node ${node}`);
    recorder.durationS.push((atUs - recorder.atUs) / 1e6);
    recorder.amplitudeV.push(amplitudeV);
    recorder.temperatureK.push(300);
    recorder.readV.push(readV);
    recorder.atUs = atUs;
  };
  const readAll = () => {
    const atUs = chip.timeUs;
    for (const [node, code] of chip.read(cells).entries()) note(node, atUs, 0, voltsOf(code));
  };
  const pulse = (
    kind: PulseKind,
    parity: number,
    { amplitudeV, widthS }: Extract<Action, { kind: 'pulse' }>,
  ) => {
    const wave = chip.wave(amplitudeV, Math.round(widthS * 1e6));
    const outputV = (wave.dacCode / 2 ** preset.dac.bits) * preset.dac.fullScaleV * dacGain;
    const slot = cells.filter((cell) => cell % 2 === parity).map((cell) => ({ cell, kind, wave: 0 }));
    const codes = new Int32Array(2 * slot.length);
    const beforeUs = chip.timeUs;
    chip.emit(slot, () => wave, 0, codes, 0);
    slot.forEach(({ cell }, index) => {
      const node = 2 * cell + (kind === 'RESET' ? 1 : 0);
      note(node, beforeUs, 0, voltsOf(codes[2 * index] ?? 0));
      note(node, beforeUs + groupUs, 0, Number.NaN);
      note(node, beforeUs + groupUs + wave.widthUs, outputV, voltsOf(codes[2 * index + 1] ?? 0));
    });
  };
  readAll();
  for (const { action } of plan.actions) {
    if (action.kind === 'read') for (let repeat = 1; repeat < action.repeats; repeat += 1) readAll();
    else if (action.kind === 'rest') chip.restUntil(chip.timeUs + Math.round(action.durationS * 1e6));
    else
      for (const kind of ['SET', 'RESET'] as const) for (const parity of [0, 1]) pulse(kind, parity, action);
    readAll();
  }
  return recorders.map(({ durationS, amplitudeV, temperatureK, readV }, node) => ({
    node,
    durationS: Float64Array.from(durationS),
    amplitudeV: Float64Array.from(amplitudeV),
    temperatureK: Float64Array.from(temperatureK),
    readV: Float64Array.from(readV),
  }));
}
