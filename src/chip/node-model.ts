import type { Device } from '../../calibration/devices.ts';
import type { NodeFit } from '../../calibration/fit/node-fit.ts';
import { parameterNames } from '../../calibration/fit/node-parameters.ts';
import { tunnelingAt } from '../../calibration/physics/temperature.ts';
import type { Tunneling } from '../../calibration/physics/tunneling.ts';

/** What the host believes of one floating-gate node, and how surely: nominal, or as it was calibrated. Voltages are as read. */
export type NodeModel = Pick<NodeFit, 'parameters' | 'covariance'>;

/** A node as the physics knows it, at one instant. */
export interface Gate {
  /** What the read path adds is taken off, V. */
  readonly nodeV: number;
  readonly tunneling: Tunneling;
  /** Boost over amplitude of a pulse as the DAC's code, nominal scale and nominal gain say it. */
  readonly couplingRel: number;
}

/** What a device's description says of any of its nodes; what differs between nodes is in the covariance. */
export function nominalNode({
  tunneling: { k1PerS, k2V },
  decayRate,
  readGain,
  couplingFF,
  nodeCapacitanceFF,
}: Device): NodeModel {
  const couplingRel = (readGain.value * couplingFF.value) / nodeCapacitanceFF.value;
  const sigmas = { lnK1: decayRate.nodeRel, couplingRel: couplingRel * couplingFF.nodeRel };
  return {
    parameters: {
      tunneling: { k1PerS: k1PerS * decayRate.value, k2V: k2V * readGain.value },
      couplingRel,
      offsetV: 0,
      temperatureScale: 1,
    },
    covariance: parameterNames.map((row) =>
      parameterNames.map((column) => (row === column ? { ...none, ...sigmas }[row] ** 2 : 0)),
    ),
  };
}

const none = { lnK1: 0, k2V: 0, couplingRel: 0, offsetV: 0, temperatureScale: 0 };

/** A node that reads `readV` at that temperature. */
export function gateAt({ parameters }: NodeModel, readV: number, temperatureK: number): Gate {
  const { tunneling, couplingRel, offsetV, temperatureScale } = parameters;
  return {
    nodeV: readV - offsetV,
    tunneling: tunnelingAt(tunneling, temperatureK, temperatureScale),
    couplingRel,
  };
}

/** Relative sigma of the rate at which a node that reads `readV` tunnels: delta method over its covariance. */
export function rateSigmaRel({ parameters, covariance }: NodeModel, readV: number): number {
  const { tunneling, offsetV } = parameters;
  const oxideV = readV - offsetV;
  // d ln[(k1/k2) V^2 exp(-k2/V)] by each parameter.
  const slopes = [1, -1 / tunneling.k2V - 1 / oxideV, 0, -(2 + tunneling.k2V / oxideV) / oxideV, 0];
  let variance = 0;
  for (const [row, one] of slopes.entries())
    for (const [column, other] of slopes.entries())
      variance += one * other * (covariance[row]?.[column] ?? 0);
  return Math.sqrt(Math.max(0, variance));
}

/** Relative sigma of a node's boost. */
export function boostSigmaRel({ parameters, covariance }: NodeModel): number {
  const row = parameterNames.indexOf('couplingRel');
  return Math.sqrt(covariance[row]?.[row] ?? 0) / parameters.couplingRel;
}
