/** Spread (1 sigma) of what differs from node to node. */
export interface Mismatch {
  readonly k1Rel: number;
  readonly k2Rel: number;
  readonly couplingRel: number;
  readonly startV: number;
}

/** A kind of board: nominal physics, spread and converters. All numbers are [assumed]. */
export interface Preset {
  readonly k1PerS: number;
  readonly k2V: number;
  readonly nodeCapacitanceFF: number;
  readonly couplingFF: number;
  readonly startV: number;
  readonly mismatch: Mismatch;
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
  /** Of the chip where nothing else is said, and the noise of its sensor, K rms. */
  readonly temperatureK: number;
  readonly sensorNoiseK: number;
  readonly dac: {
    readonly fullScaleV: number;
    readonly bits: number;
    readonly gain: number;
  };
}

const damA: Preset = {
  k1PerS: 1.2e13,
  k2V: 300,
  nodeCapacitanceFF: 1000,
  couplingFF: 200,
  startV: 8.5,
  mismatch: { k1Rel: 0.005, k2Rel: 0.0003, couplingRel: 0.005, startV: 0.001 },
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
  temperatureK: 300,
  sensorNoiseK: 0.02,
  dac: { fullScaleV: 5, bits: 16, gain: 1 - 480e-6 },
};

export const presets: Readonly<Record<string, Preset>> = {
  'dam-a': damA,
  'dam-a-stress': {
    ...damA,
    mismatch: { k1Rel: 0.03, k2Rel: 0.001, couplingRel: 0.01, startV: 0.005 },
  },
  'dam-b': { ...damA, k2V: 271.1, startV: 7.5 },
};
