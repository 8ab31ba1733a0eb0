import type { GateParameters } from './floating-gates.ts';
import type { DefectCounts, Preset } from './presets.ts';
import { normalStream, type Uniform, uniformStream } from './random.ts';

export const defectNames = ['stuck', 'leaky', 'dead'] as const;
export type Defect = (typeof defectNames)[number];

/** What the converters of one chip really do. */
export interface ConverterErrors {
  /** Of the ADC's reference. */
  readonly readGainRel: number;
  /** Of each ADC channel, at the node; a node has the channel of its number modulo their count. */
  readonly channelOffsetV: readonly number[];
  readonly dacGain: number;
  readonly dacOffsetV: number;
}

/** One chip as its seed made it. Node 2 i is S of cell i, node 2 i + 1 its R. */
export interface ChipDesign {
  readonly gates: readonly GateParameters[];
  readonly defects: readonly (Defect | undefined)[];
  readonly converters: ConverterErrors;
}

export interface DesignChoices {
  readonly cells: number;
  readonly seed: number;
  readonly mismatch: boolean;
}

/** Leak over tunneling of a leaky node at its programmed voltage. */
const LEAST_LEAK = 0.05;
const MOST_LEAK = 0.5;

/** Draws a chip of a kind. Throws RangeError where more nodes have defects than there are. */
export function designChip(preset: Preset, { cells, seed, mismatch }: DesignChoices): ChipDesign {
  const spread = normalStream(seed, 'mismatch');
  const vary = (sigma: number) => (mismatch ? sigma * spread() : 0);
  const common = normalStream(seed, 'chip');
  const share = (sigma: number) => (mismatch ? sigma * common() : 0);

  const capacitanceRel = 1 + share(preset.chip.nodeCapacitanceRel);
  const couplingRel = 1 + share(preset.chip.couplingRel);
  const converters: ConverterErrors = {
    readGainRel: share(preset.chip.readGainRel),
    dacGain: preset.dac.gain + share(preset.chip.dacGainRel),
    dacOffsetV: share(preset.chip.dacOffsetV),
    channelOffsetV: Array.from({ length: preset.adc.groupNodes }, () => share(preset.chip.channelOffsetV)),
  };
  const drawDefects = uniformStream(seed, 'defects');
  const defects = placeDefects(2 * cells, preset.defects, drawDefects);
  const gates = defects.map((defect): GateParameters => {
    const healthy = {
      // The same current on another capacitance.
      k1PerS: (preset.k1PerS * (1 + vary(preset.mismatch.k1Rel))) / capacitanceRel,
      k2V: preset.k2V * (1 + vary(preset.mismatch.k2Rel)),
      nodeCapacitanceFF: preset.nodeCapacitanceFF * capacitanceRel,
      couplingFF: preset.couplingFF * couplingRel * (1 + vary(preset.mismatch.couplingRel)),
      startV: preset.startV + vary(preset.mismatch.startV),
    };
    if (defect === 'stuck') return { ...healthy, isStuck: true };
    return defect === 'leaky' ? { ...healthy, leakS: leakS(healthy, drawDefects()) } : healthy;
  });
  return { gates, defects, converters };
}

/** tau of dV/dt = -V/tau, so that this is 5 to 50 % of the tunneling at the start, evenly in its logarithm. */
function leakS({ k1PerS, k2V, startV }: GateParameters, drawn: number): number {
  const tunnelingPerS = (k1PerS / k2V) * startV * Math.exp(-k2V / startV);
  return 1 / (tunnelingPerS * LEAST_LEAK * (MOST_LEAK / LEAST_LEAK) ** drawn);
}

/** As many nodes of each defect as asked, none with two. */
function placeDefects(nodes: number, counts: DefectCounts, draw: Uniform): (Defect | undefined)[] {
  const wanted = defectNames.flatMap((name) => Array.from({ length: counts[name] }, () => name));
  if (wanted.length > nodes)
    throw new RangeError(`${wanted.length} nodes cannot have defects, expected at most ${nodes}`);
  const placed: (Defect | undefined)[] = Array.from({ length: nodes }, () => undefined);
  for (const defect of wanted) {
    let node = Math.floor(draw() * nodes);
    while (placed[node] !== undefined) node = Math.floor(draw() * nodes);
    placed[node] = defect;
  }
  return placed;
}
