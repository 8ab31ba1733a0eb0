import type { Device, Toleranced } from '../../calibration/devices.ts';
import {
  drivenChargeFC,
  type Estimator,
  fullCycleFJ,
  halfCV2FJ,
  tunneledChargeFC,
  tunnelingFJ,
} from '../../calibration/physics/energy.ts';
import type { Converters } from '../board/converters.ts';
import { type Measured, sumOnOneNode } from './measured.ts';

/** Raw record of one pulse, as the board reported it. */
export interface PulseCodes {
  readonly dacCode: number;
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

function accountPulse(
  { dacCode, beforeCode, afterCode }: PulseCodes,
  device: Device,
  converters: Converters,
): UpdateCost {
  const nodeCapacitanceFF = device.nodeCapacitanceFF.value;
  const couplingFF = device.couplingFF.value;
  const couplingRel = couplingFF / nodeCapacitanceFF;
  const amplitudeV = dacCode * converters.amplitudeVPerCode * device.dacGain.value;
  const boostV = couplingRel * amplitudeV;
  const nodeV = beforeCode * converters.nodeVPerCode;
  const dropV = (beforeCode - afterCode) * converters.nodeVPerCode;
  const dropNoiseV = Math.SQRT2 * readSigmaV(device, converters);
  const oxideV = nodeV + boostV;

  // d ln(estimate) / d ln(parameter), for the parameters of the device that the estimate leans on.
  const amplitude: Lean = [device.dacGain, 1];
  const coupling: Lean = [device.couplingFF, 1];
  const node: Lean = [device.nodeCapacitanceFF, 1];
  const read: Lean = [device.readGain, 1];
  return {
    tunneledFC: measured(
      tunneledChargeFC(nodeCapacitanceFF, dropV),
      tunneledChargeFC(nodeCapacitanceFF, dropNoiseV),
      [node, read],
    ),
    drivenFC: measured(drivenChargeFC(couplingFF, amplitudeV), 0, [coupling, amplitude]),
    energyFJ: {
      'half-cv2': measured(halfCV2FJ(couplingFF, amplitudeV), 0, [coupling, scale(amplitude, 2)]),
      'full-cycle': measured(fullCycleFJ(couplingFF, couplingRel, amplitudeV), 0, [
        scale(coupling, (1 - 2 * couplingRel) / (1 - couplingRel)),
        scale(node, couplingRel / (1 - couplingRel)),
        scale(amplitude, 2),
      ]),
      tunneling: measured(
        tunnelingFJ(nodeCapacitanceFF, dropV, nodeV, boostV),
        tunnelingFJ(nodeCapacitanceFF, dropNoiseV, nodeV, boostV),
        [
          scale(node, nodeV / oxideV),
          scale(read, 1 + nodeV / oxideV),
          scale(coupling, boostV / oxideV),
          scale(amplitude, boostV / oxideV),
        ],
      ),
    },
  };
}

/** Sigma of one averaged node reading, V: converter noise and quantization, at the node. */
export function readSigmaV(device: Device, converters: Converters): number {
  const noiseV = device.adcNoiseV / Math.sqrt(converters.readAverages) / converters.readGain;
  return Math.hypot(noiseV, converters.nodeVPerCode / Math.sqrt(12));
}

type Lean = readonly [parameter: Toleranced, exponent: number];

const scale = ([parameter, exponent]: Lean, factor: number): Lean => [parameter, exponent * factor];

function measured(value: number, noiseSigma: number, leans: readonly Lean[]): Measured {
  const spread = (part: (parameter: Toleranced) => number) =>
    Math.abs(value) * Math.hypot(...leans.map(([parameter, exponent]) => exponent * part(parameter)));
  return {
    value,
    noiseSigma,
    nodeSigma: spread(({ nodeRel }) => nodeRel),
    commonSigma: spread(({ commonRel }) => commonRel),
  };
}
