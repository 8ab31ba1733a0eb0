import type { ObservedNode } from '../../../calibration/inference/observed-node.ts';
import { type Evidence, inferSlotsDone } from '../../../calibration/inference/slots-done.ts';
import { designChip } from '../../../mocks/chip-design.ts';
import { dacCode, dacOutputV, ReadPath } from '../../../mocks/converters.ts';
import { FloatingGates } from '../../../mocks/floating-gates.ts';
import { type Preset, presets } from '../../../mocks/presets.ts';
import { normalStream } from '../../../mocks/random.ts';
import { Thermal } from '../../../mocks/thermal.ts';
import { seededRandom } from '../../../src/core/random.ts';

/** An array that is pulsed by some first slots of a sequence, left alone, and read by one who does not know how many. */
export interface Interruption {
  readonly cells: number;
  readonly slots: number;
  readonly pulsesPerSlot: readonly [min: number, max: number];
  readonly amplitudeV: number;
  readonly widthUs: number;
  /** Wait between the last slot and the reading, uniform from 0. */
  readonly maxWaitS: number;
  /** How many slots happen; any number, equally likely, by default. */
  readonly happened?: number;
  readonly startV?: number;
}

export interface Interrupted {
  readonly evidence: Evidence;
  readonly happened: number;
  readonly elapsedS: number;
}

const US_PER_S = 1e6;
const READ_SIGMA_V = 8.06e-6;
const COMMON_REL = 0.02;
const SLOT_REST_US = 4_096;
const NO_SPREAD = {
  nodeCapacitanceRel: 0,
  couplingRel: 0,
  readGainRel: 0,
  channelOffsetV: 0,
  dacGainRel: 0,
  dacOffsetV: 0,
};

export function interrupt(scenario: Interruption, seed: number): Interrupted {
  const random = seededRandom(seed, 'interruption');
  const common = normalStream(seed, 'boot');
  const nominal: Preset = { ...(presets['dam-a'] as Preset), startV: scenario.startV ?? 8.5 };
  const preset = {
    ...nominal,
    k1PerS: nominal.k1PerS * (1 + COMMON_REL * common()),
    couplingFF: nominal.couplingFF * (1 + COMMON_REL * common()),
    // What the chip has in common is in the two above; its converters' errors cancel.
    chip: NO_SPREAD,
  };
  const design = designChip(preset, { cells: scenario.cells, seed, mismatch: true });
  const constant = { fromUs: 0, fromK: 300, driftKPerHour: 0 };
  const thermal = new Thermal(preset.thermal, constant);
  const gates = new FloatingGates(design.gates, thermal, normalStream(seed, 'shot'));
  const readPath = new ReadPath(preset, design.converters, design.defects, normalStream(seed, 'reading'));
  const { adc } = preset;
  let timeUs = 0;
  const read = () =>
    design.gates.map((_, index) => {
      const atUs = timeUs;
      if ((index + 1) % adc.groupNodes === 0) timeUs += adc.groupUs;
      const code = readPath.code(index, gates.voltageAt(index, atUs));
      return { atUs, nodeV: (code * adc.fullScaleV) / 2 ** (adc.bits - 1) / adc.readGain };
    });

  const before = read();
  const startUs = timeUs;
  const [min, max] = scenario.pulsesPerSlot;
  const outputV = dacOutputV(dacCode(scenario.amplitudeV, preset), preset, design.converters);
  const boostV = (outputV * nominal.couplingFF) / nominal.nodeCapacitanceFF;
  const slots = Array.from({ length: scenario.slots }, () => {
    const pulses = min + random.integer(max - min + 1);
    const nodes = new Set<number>();
    while (nodes.size < pulses) nodes.add(random.integer(gates.count));
    return Array.from(nodes, (node) => ({ node, boostV, widthS: scenario.widthUs / US_PER_S }));
  });
  const happened = scenario.happened ?? random.integer(scenario.slots + 1);
  for (const slot of slots.slice(0, happened)) {
    for (const { node } of slot) {
      const { couplingFF = 0, nodeCapacitanceFF = 1 } = design.gates[node] ?? {};
      gates.pulse(node, timeUs, scenario.widthUs, (outputV * couplingFF) / nodeCapacitanceFF);
    }
    timeUs += scenario.widthUs + SLOT_REST_US;
  }
  timeUs += random.integer(scenario.maxWaitS * US_PER_S + 1);
  const readUs = timeUs;
  const after = read();

  const nodes = before.map(
    ({ nodeV, atUs }, node): ObservedNode => ({
      node,
      beforeV: nodeV,
      beforeSigmaV: READ_SIGMA_V,
      beforeAtS: (atUs - startUs) / US_PER_S,
      afterV: after[node]?.nodeV ?? 0,
      afterSigmaV: READ_SIGMA_V,
      afterAtS: ((after[node]?.atUs ?? 0) - readUs) / US_PER_S,
      tunneling: { k1PerS: nominal.k1PerS, k2V: nominal.k2V },
      rateRel: 0.0117,
      boostRel: 0.005,
    }),
  );
  return {
    happened,
    elapsedS: (readUs - startUs) / US_PER_S,
    evidence: {
      nodes,
      slots,
      slotRestS: SLOT_REST_US / US_PER_S,
      shared: {
        elapsed: { priorS: 0, sigmaS: Number.POSITIVE_INFINITY },
        rateRel: COMMON_REL,
        boostRel: COMMON_REL,
        nodeCapacitanceFF: nominal.nodeCapacitanceFF,
      },
    },
  };
}

/** Shares of seeded trials. */
export function score(scenario: Interruption, trials: number) {
  const sums = { hit: 0, withinOne: 0, confidence: 0, sure: 0, sureAndWrong: 0, chi2PerDof: 0, elapsedZ2: 0 };
  for (let seed = 0; seed < trials; seed += 1) {
    const { evidence, happened, elapsedS } = interrupt(scenario, seed);
    const inferred = inferSlotsDone(evidence);
    const isSure = inferred.confidence > 0.999;
    sums.hit += Number(inferred.slotsDone === happened);
    sums.withinOne += Number(Math.abs(inferred.slotsDone - happened) <= 1);
    sums.confidence += inferred.confidence;
    sums.sure += Number(isSure);
    sums.sureAndWrong += Number(isSure && inferred.slotsDone !== happened);
    sums.chi2PerDof += inferred.chi2PerDof;
    sums.elapsedZ2 += ((inferred.elapsedS - elapsedS) / inferred.elapsedSigmaS) ** 2;
  }
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / trials])) as typeof sums;
}
