import type { Device, Toleranced } from '../../calibration/devices.ts';
import {
  drivenChargeFC,
  type Estimator,
  fullCycleFJ,
  halfCV2FJ,
  tunneledChargeFC,
  tunnelingFJ,
} from '../../calibration/physics/energy.ts';
import { tunnelingDropV } from '../../calibration/physics/tunneling.ts';
import type { Converters } from '../board/converters.ts';
import { type Measured, sumOnOneNode } from './measured.ts';

/** Raw record of one pulse, as the board reported it. */
export interface PulseCodes {
  readonly dacCode: number;
  /** Time between both codes in which the pulse was not on, us. */
  readonly idleUs: number;
  readonly beforeCode: number;
  readonly afterCode: number;
}

/** Charge and energy of one update, each with its sigma parts. */
export interface UpdateCost {
  readonly tunneledFC: Measured;
  readonly drivenFC: Measured;
  readonly energyFJ: Readonly<Record<Estimator, Measured>>;
}

/** Sums what the pulses of one update cost; all of them went to the same node. Pure. */
export function account(pulses: readonly PulseCodes[], device: Device, converters: Converters): UpdateCost {
  const costs = pulses.map((pulse) => accountPulse(pulse, device, converters));
  const sum = (part: (cost: UpdateCost) => Measured) => sumOnOneNode(costs.map(part));
  return {
    tunneledFC: sum((cost) => cost.tunneledFC),
    drivenFC: sum((cost) => cost.drivenFC),
    energyFJ: {
      'full-cycle': sum((cost) => cost.energyFJ['full-cycle']),
      'half-cv2': sum((cost) => cost.energyFJ['half-cv2']),
      tunneling: sum((cost) => cost.energyFJ.tunneling),
    },
  };
}

function accountPulse(pulse: PulseCodes, device: Device, converters: Converters): UpdateCost {
  const { nodeCapacitanceFF, couplingFF, dacGain, readGain, decayRate } = device;
  const nodeVPerCode = converters.nodeVPerCode / readGain.value;
  const couplingRel = couplingFF.value / nodeCapacitanceFF.value;
  const amplitudeV = pulse.dacCode * converters.amplitudeVPerCode * dacGain.value;
  const boostV = couplingRel * amplitudeV;
  const nodeV = pulse.beforeCode * nodeVPerCode;
  const oxideV = nodeV + boostV;
  const wholeDropV = (pulse.beforeCode - pulse.afterCode) * nodeVPerCode;
  // What the node lost before and after its pulse, while others of the slot went on, is not the update's.
  const idleDropV = decayRate.value * tunnelingDropV(nodeV, 0, pulse.idleUs / US_PER_S, device.tunneling);
  const dropV = wholeDropV - idleDropV;
  const dropNoiseV = Math.SQRT2 * readSigmaV(device, converters);

  const tunneledFC = tunneledChargeFC(nodeCapacitanceFF.value, dropV);
  const idleFC = tunneledChargeFC(nodeCapacitanceFF.value, idleDropV);
  // A read gain that is off shifts the whole drop, and the node voltage on which the decay depends steeply.
  const steepness = 2 + device.tunneling.k2V / nodeV;
  const readFC = idleFC * steepness - tunneledChargeFC(nodeCapacitanceFF.value, wholeDropV);
  const tunneling = tunnelingFJ(nodeCapacitanceFF.value, dropV, nodeV, boostV);
  const drivenFC = drivenChargeFC(couplingFF.value, amplitudeV);
  const half = halfCV2FJ(couplingFF.value, amplitudeV);
  const full = fullCycleFJ(couplingFF.value, couplingRel, amplitudeV);
  return {
    tunneledFC: measured(tunneledFC, tunneledChargeFC(nodeCapacitanceFF.value, dropNoiseV), [
      [nodeCapacitanceFF, tunneledFC],
      [readGain, readFC],
      [decayRate, idleFC],
    ]),
    drivenFC: measured(drivenFC, 0, [
      [couplingFF, drivenFC],
      [dacGain, drivenFC],
    ]),
    energyFJ: {
      'half-cv2': measured(half, 0, [
        [couplingFF, half],
        [dacGain, 2 * half],
      ]),
      'full-cycle': measured(full, 0, [
        [couplingFF, (full * (1 - 2 * couplingRel)) / (1 - couplingRel)],
        [nodeCapacitanceFF, (full * couplingRel) / (1 - couplingRel)],
        [dacGain, 2 * full],
      ]),
      tunneling: measured(tunneling, tunnelingFJ(nodeCapacitanceFF.value, dropNoiseV, nodeV, boostV), [
        [nodeCapacitanceFF, tunneledFC * nodeV],
        [readGain, readFC * oxideV - tunneledFC * nodeV],
        [couplingFF, tunneledFC * boostV],
        [dacGain, tunneledFC * boostV],
        [decayRate, idleFC * oxideV],
      ]),
    },
  };
}

const US_PER_S = 1e6;

/** Sigma of one averaged node reading, V: converter noise and quantization, at the node. */
export function readSigmaV(device: Device, converters: Converters): number {
  const gain = converters.readGain * device.readGain.value;
  const noiseV = device.adcNoiseV / Math.sqrt(converters.readAverages) / gain;
  return Math.hypot(noiseV, converters.nodeVPerCode / Math.sqrt(12));
}

/** A parameter and how far the estimate moves for a relative change of one in it. */
type Lean = readonly [parameter: Toleranced, slope: number];

function measured(value: number, noiseSigma: number, leans: readonly Lean[]): Measured {
  const spread = (part: (parameter: Toleranced) => number) =>
    Math.hypot(...leans.map(([parameter, slope]) => slope * part(parameter)));
  return {
    value,
    noiseSigma,
    nodeSigma: spread(({ nodeRel }) => nodeRel),
    commonSigma: spread(({ commonRel }) => commonRel),
  };
}
