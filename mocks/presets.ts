import type { ThermalLaw } from './thermal.ts';

/** Spread (1 sigma) of what differs from node to node. */
export interface Mismatch {
  readonly k1Rel: number;
  readonly k2Rel: number;
  readonly couplingRel: number;
  readonly startV: number;
}

/** Spread (1 sigma) of what a whole chip, or a channel of its converter, has in common. */
export interface ChipSpread {
  readonly nodeCapacitanceRel: number;
  readonly couplingRel: number;
  /** Of the converter's reference. */
  readonly readGainRel: number;
  /** Of each converter channel, at the node. */
  readonly channelOffsetV: number;
  readonly dacGainRel: number;
  readonly dacOffsetV: number;
}

/** Nodes with a defect, by their number. */
export interface DefectCounts {
  readonly stuck: number;
  readonly leaky: number;
  readonly dead: number;
}

/** A kind of board: nominal physics, spread and converters. All numbers are [assumed]. */
export interface Preset {
  readonly k1PerS: number;
  readonly k2V: number;
  readonly nodeCapacitanceFF: number;
  readonly couplingFF: number;
  readonly startV: number;
  readonly mismatch: Mismatch;
  readonly chip: ChipSpread;
  readonly defects: DefectCounts;
  /** Boost of a neighbor's node of the same kind, over the boost of the node that is pulsed. */
  readonly disturbRel: number;
  readonly limits: {
    readonly minAmplitudeV: number;
    readonly maxAmplitudeV: number;
    readonly minWidthUs: number;
    readonly maxWidthUs: number;
  };
  readonly adc: {
    readonly fullScaleV: number;
    readonly bits: number;
    /** Node voltage to converter input. */
    readonly readGain: number;
    /** Noise of one sample at the converter's input, V rms. */
    readonly noiseV: number;
    readonly averages: number;
    /** Nodes converted at once, and how long that takes with its averages: 16 frames at 7812.5 Hz. */
    readonly groupNodes: number;
    readonly groupUs: number;
  };
  readonly dac: {
    readonly fullScaleV: number;
    readonly bits: number;
    readonly gain: number;
  };
  /** Of the chip where nothing else is said, and the noise of its sensor, K rms. */
  readonly temperatureK: number;
  readonly sensorNoiseK: number;
  /** Together +0.73 %/K of the rate near 8 V. */
  readonly thermal: ThermalLaw;
}

const damA: Preset = {
  k1PerS: 1.2e13,
  k2V: 300,
  nodeCapacitanceFF: 1000,
  couplingFF: 200,
  startV: 8.5,
  mismatch: { k1Rel: 0.005, k2Rel: 0.0003, couplingRel: 0.005, startV: 0.001 },
  chip: {
    nodeCapacitanceRel: 0.02,
    couplingRel: 0.02,
    readGainRel: 500e-6,
    channelOffsetV: 0.5e-3,
    dacGainRel: 100e-6,
    dacOffsetV: 0.2e-3,
  },
  defects: { stuck: 0, leaky: 0, dead: 0 },
  disturbRel: 0,
  limits: { minAmplitudeV: 0.2, maxAmplitudeV: 5, minWidthUs: 1_000, maxWidthUs: 1_000_000 },
  adc: {
    fullScaleV: 4,
    bits: 24,
    readGain: 0.4,
    noiseV: 12.9e-6,
    averages: 16,
    groupNodes: 8,
    groupUs: 2_048,
  },
  dac: { fullScaleV: 5, bits: 16, gain: 1 - 480e-6 },
  temperatureK: 300,
  sensorNoiseK: 0.02,
  thermal: { referenceK: 300, k1PerK: 0.003, k2PerK: -1.16e-4 },
};

const damAStress: Preset = {
  ...damA,
  mismatch: { k1Rel: 0.03, k2Rel: 0.001, couplingRel: 0.01, startV: 0.005 },
  disturbRel: 0.001,
};

export const presets: Readonly<Record<string, Preset>> = {
  'dam-a': damA,
  'dam-a-stress': damAStress,
  'dam-b': { ...damA, k2V: 271.1, startV: 7.5 },
};
