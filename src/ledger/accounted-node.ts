import type { Device, Toleranced } from '../../calibration/devices.ts';
import { temperatureLaw } from '../../calibration/physics/temperature.ts';
import { type Gate, gateAt, type NodeModel } from '../chip/node-model.ts';
import type { Leanings } from './leanings.ts';

/** Where an estimate was made: the oxide's voltage under the pulse, V, as read, and the temperature taken for it. */
export interface OxideState {
  readonly oxideV: number;
  readonly temperatureK: number;
  /** False where nobody told how warm it was, now or when it was calibrated. */
  readonly isTemperatureKnown: boolean;
}

/**
 * One node as the ledger knows it: its parameters, and how their uncertainties move an estimate. Sources of uncertainty are
 * taken one by one, because each moves several things at once: another C_T of the same current is another rate too.
 * THEORY.md, equation 25.
 */
export interface AccountedNode {
  /** As `chip/node-model.ts` says it, in the volts that the board reads. */
  gateAt(readV: number, temperatureK: number): Gate;
  /** C_T and C_C, fF. */
  readonly nodeCapacitanceFF: number;
  readonly couplingFF: number;
  /** 1-sigma of an estimate by what this node has for itself, and by what all nodes share. */
  nodeSigma(leanings: Leanings, at: OxideState): number;
  commonSigma(leanings: Leanings, at: OxideState): number;
}

/** A node of which only the kind of chip is known. */
export function nominalAccount(device: Device, model: NodeModel): AccountedNode {
  const { nodeCapacitanceFF, couplingFF, dacGain, readGain, decayRate, tunneling } = device;
  const sigma = (leanings: Leanings, part: Part, oxideV: number): number => {
    const { rate, nodeCapacitance, coupling, boost } = leanings;
    // Voltages that are read too high give a rate that is too high, steeply.
    const steepness = 2 + tunneling.k2V / oxideV;
    // The device says of the rate as a whole how uncertain it is: C_T and the read gain, which are here by themselves, are taken out.
    const otherRateRel = Math.sqrt(
      Math.max(0, decayRate[part] ** 2 - nodeCapacitanceFF[part] ** 2 - (steepness * readGain[part]) ** 2),
    );
    return root(
      // The same current on another capacitance.
      (nodeCapacitance - rate - boost) * nodeCapacitanceFF[part],
      (coupling + boost) * couplingFF[part],
      (leanings.dacGain + boost) * dacGain[part],
      (leanings.readGain + (1 - steepness) * rate) * readGain[part],
      rate * otherRateRel,
    );
  };
  return {
    gateAt: (readV, temperatureK) => gateAt(model, readV, temperatureK),
    nodeCapacitanceFF: nodeCapacitanceFF.value,
    couplingFF: couplingFF.value,
    nodeSigma: (leanings, { oxideV }) => sigma(leanings, 'nodeRel', oxideV),
    commonSigma: (leanings, { oxideV }) => sigma(leanings, 'commonRel', oxideV),
  };
}

/**
 * A node that was calibrated: rate and boost are as its fit says, in the volts that the board reads, so that C_C is C_T times its
 * coupling ratio.
 */
export function calibratedAccount(device: Device, model: NodeModel): AccountedNode {
  const { nodeCapacitanceFF, dacGain, readGain, decayRate } = device;
  const { couplingRel } = model.parameters;
  const { referenceK, k1RelPerK, k2RelPerK } = temperatureLaw;

  const shared = (leanings: Leanings, part: Part, isTemperatureKnown: boolean): number => {
    const { rate, nodeCapacitance, coupling, boost } = leanings;
    return root(
      (nodeCapacitance + coupling) * nodeCapacitanceFF[part],
      (leanings.dacGain - coupling) * dacGain[part],
      (leanings.readGain - boost - coupling) * readGain[part],
      isTemperatureKnown ? 0 : rate * decayRate[part],
    );
  };
  return {
    gateAt: (readV, temperatureK) => gateAt(model, readV, temperatureK),
    nodeCapacitanceFF: nodeCapacitanceFF.value,
    couplingFF: (couplingRel / readGain.value) * nodeCapacitanceFF.value,
    commonSigma: (leanings, { isTemperatureKnown }) => shared(leanings, 'commonRel', isTemperatureKnown),
    nodeSigma: (leanings, { oxideV, temperatureK }) => {
      const { rate, coupling, boost } = leanings;
      const { k2V } = model.parameters.tunneling;
      // The estimate by each fitted parameter: ln k1, k2, coupling ratio, read offset, temperature scale.
      const slopes = [
        rate,
        -rate * (1 / k2V + 1 / oxideV),
        (coupling + boost) / couplingRel,
        (-rate * (2 + k2V / oxideV)) / oxideV,
        rate * (temperatureK - referenceK) * (k1RelPerK - k2RelPerK * (1 + k2V / oxideV)),
      ];
      return root(propagated(slopes, model.covariance), shared(leanings, 'nodeRel', true));
    },
  };
}

type Part = Exclude<keyof Toleranced, 'value' | 'provenance'>;

/** Sigma of what has these slopes over parameters with this covariance. */
function propagated(slopes: readonly number[], covariance: NodeModel['covariance']): number {
  let variance = 0;
  for (let row = 0; row < slopes.length; row += 1) {
    const of = covariance[row];
    for (let column = 0; column < slopes.length; column += 1)
      variance += (slopes[row] ?? 0) * (slopes[column] ?? 0) * (of?.[column] ?? 0);
  }
  return Math.sqrt(Math.max(0, variance));
}

/** Root of the sum of squares. Math.hypot guards against overflow, which these magnitudes are far from, and takes ten times as long. */
function root(...parts: readonly number[]): number {
  let squares = 0;
  for (const part of parts) squares += part * part;
  return Math.sqrt(squares);
}
