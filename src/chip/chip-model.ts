import type { Device } from '../../calibration/devices.ts';
import type { Verdict } from '../../calibration/fit/verdict.ts';
import type { WeightSign } from '../../calibration/physics/cell.ts';
import { temperatureLaw } from '../../calibration/physics/temperature.ts';
import { nodeNumber } from '../board/nodes.ts';
import type { Calibration } from './calibration.ts';
import { type NodeModel, nominalNode } from './node-model.ts';

/** What the host believes of the nodes of a chip, for prediction. Nodes are numbered as they are read. */
export interface ChipModel {
  readonly device: Device;
  /** Undefined for a node that is not to be predicted, because its verdict is other than good. */
  node(node: number): NodeModel | undefined;
  /** What is wrong with the nodes of a cell, S before R; empty where the cell may hold a weight. */
  faultsOf(cell: number): readonly CellFault[];
  /** Whether its nodes have parameters of their own. */
  readonly isCalibrated: boolean;
  /** The temperature to predict at, K, when the board tells `toldK`. */
  temperatureK(toldK: number | undefined): number;
  /** Whether that temperature was told, and rates follow it from one that was told too. */
  knowsTemperature(toldK: number | undefined): boolean;
  /** Relative sigmas of rate and boost that all nodes share. */
  readonly common: { readonly rateRel: number; readonly boostRel: number };
  /** The sign of the weight when the chip was calibrated; undefined for one that was not. */
  readonly weightSign: WeightSign | undefined;
}

/** Why a cell is not used. */
export interface CellFault {
  readonly node: number;
  /** `not measured` where the calibration does not know the node. */
  readonly verdict: Exclude<Verdict, 'good'> | 'not measured';
  readonly reason: string | null;
}

/** What predictions need of a calibration. */
export type CalibratedNodes = Pick<Calibration, 'nodes' | 'weightSign'> & {
  readonly measured: Pick<Calibration['measured'], 'temperatureK'>;
};

/** A chip of which only the kind is known: every node is as the device's description says. */
export function nominalChip(device: Device): ChipModel {
  const node = nominalNode(device);
  return {
    device,
    node: () => node,
    faultsOf: () => [],
    isCalibrated: false,
    temperatureK: (toldK) => toldK ?? temperatureLaw.referenceK,
    knowsTemperature: (toldK) => toldK !== undefined,
    common: {
      rateRel: device.decayRate.commonRel,
      boostRel: Math.hypot(device.couplingFF.commonRel, device.nodeCapacitanceFF.commonRel),
    },
    weightSign: undefined,
  };
}

/**
 * A chip whose nodes were calibrated. What they share is in their parameters, so its sigma is gone from the boost but for the
 * reference of the DAC; that of the rate stays, because temperature moves all nodes together.
 */
export function calibratedChip({ nodes, measured, weightSign }: CalibratedNodes, device: Device): ChipModel {
  const results = new Map(nodes.map((result) => [result.node, result]));
  const faultOf = (node: number): CellFault[] => {
    const { verdict = 'not measured', reason = null } = results.get(node) ?? {};
    return verdict === 'good' ? [] : [{ node, verdict, reason }];
  };
  return {
    device,
    node: (node) => {
      const result = results.get(node);
      return result?.verdict === 'good' ? (result.fit ?? undefined) : undefined;
    },
    faultsOf: (cell) => [nodeNumber(cell, 'SET'), nodeNumber(cell, 'RESET')].flatMap(faultOf),
    isCalibrated: true,
    // Without a temperature the parameters are those of the chip as it was: no law may move them.
    temperatureK: (toldK) =>
      measured.temperatureK === null ? temperatureLaw.referenceK : (toldK ?? measured.temperatureK.mean),
    knowsTemperature: (toldK) => measured.temperatureK !== null && toldK !== undefined,
    common: { rateRel: device.decayRate.commonRel, boostRel: device.dacGain.commonRel },
    weightSign,
  };
}

/**
 * The number, as it is read, of the node that a pulse lowers: the one of its own name, or the other one
 * where S and R are exchanged on the way, which is what a weight sign of -1 means.
 */
export const pulsedNode = (cell: number, kind: 'SET' | 'RESET', sign: WeightSign): number =>
  nodeNumber(cell, (kind === 'SET') === (sign === 1) ? 'SET' : 'RESET');
