import type { Oxide } from './physics/oxide.ts';
import type { Tunneling } from './physics/tunneling.ts';
import type { Provenance } from './provenance.ts';

/** A value with its two kinds of relative uncertainty (1 sigma). */
export interface Toleranced {
  readonly value: number;
  /** Shared by the whole array: an absolute capacitance, a reference voltage. */
  readonly commonRel: number;
  /** Differs from node to node: mismatch. */
  readonly nodeRel: number;
  readonly provenance: Provenance;
}

/** What is known of a kind of chip before any calibration of one. */
export interface Device {
  readonly name: string;
  readonly tunneling: Tunneling;
  /** Rate of tunneling over what `tunneling` says, for a chip that is not calibrated. */
  readonly decayRate: Toleranced;
  /** C_T, fF. */
  readonly nodeCapacitanceFF: Toleranced;
  /** C_C, fF. */
  readonly couplingFF: Toleranced;
  /** Node range in which the model holds, V. */
  readonly validNodeV: { readonly min: number; readonly max: number };
  /** Pulse DAC output over nominal: 1 for a perfect converter. */
  readonly dacGain: Toleranced;
  /** Noise of one ADC sample at the converter's input, V rms. */
  readonly adcNoiseV: number;
  /** Read path gain over the gain that the board announces. */
  readonly readGain: Toleranced;
  /** Spread of what the read path of each node adds, V at the node (1 sigma). */
  readonly readOffsetSigmaV: number;
  /** What measuring and running the board takes beside the cells: one conversion of one node, and all of the board. */
  readonly overhead: {
    readonly conversionFJ: number;
    readonly boardW: number;
    readonly provenance: Provenance;
  };
  /** The tunneling oxide as its maker describes it; relative sigmas (1 sigma) of thickness and area. */
  readonly oxide: Oxide & {
    readonly thicknessRel: number;
    readonly areaRel: number;
    readonly provenance: Provenance;
  };
}

const assumed = (value: number, commonRel: number, nodeRel: number): Toleranced => ({
  value,
  commonRel,
  nodeRel,
  provenance: 'assumed',
});

const damA: Device = {
  name: 'dam-a',
  tunneling: { k1PerS: 1.2e13, k2V: 300 },
  // Of all nodes: C_T to 2 %, and a read gain that is off by 500 ppm is another voltage, 1.9 % of rate.
  decayRate: assumed(1, 0.028, 0.012),
  nodeCapacitanceFF: assumed(1000, 0.02, 0),
  couplingFF: assumed(200, 0.02, 0.005),
  validNodeV: { min: 5.5, max: 9.2 },
  dacGain: assumed(1 - 480e-6, 100e-6, 0),
  adcNoiseV: 12.9e-6,
  readGain: assumed(1, 500e-6, 0),
  readOffsetSigmaV: 0.5e-3,
  // 2 mW a channel of a simultaneous 24-bit converter for 2.048 ms, and a microcontroller with its analog supplies.
  overhead: { conversionFJ: 4.1e9, boardW: 0.25, provenance: 'assumed' },
  oxide: {
    barrierEV: 3.1,
    massRel: 0.42,
    thicknessNm: 12.4,
    thicknessRel: 0.01,
    areaUm2: 5.2,
    areaRel: 0.05,
    nodeCapacitanceFF: 1000,
    provenance: 'assumed',
  },
};

const damAStress: Device = {
  ...damA,
  name: 'dam-a-stress',
  decayRate: assumed(1, 0.028, 0.047),
  couplingFF: assumed(200, 0.02, 0.01),
};

const damB: Device = {
  ...damA,
  name: 'dam-b',
  tunneling: { k1PerS: 1.2e13, k2V: 271.1 },
  oxide: { ...damA.oxide, thicknessNm: 11.2, areaUm2: 4.7 },
};

/** The kinds of chip that an experiment may name; every number in them is [assumed] until a lab replaces it. */
export const devices: Readonly<Record<string, Device>> = Object.fromEntries(
  [damA, damAStress, damB].map((device) => [device.name, device]),
);
