import type { Device } from '../../calibration/devices.ts';
import {
  type CellNodes,
  commonModeV,
  pulseResponseV,
  type WeightSign,
  weightDriftV,
  weightV,
} from '../../calibration/physics/cell.ts';
import type { Converters } from '../board/converters.ts';
import type { CellReading } from '../board/types.ts';

/** What the host expects of a cell: nominal for the device until a calibration of the chip says more. */
export interface CellModel {
  nodesOf(reading: CellReading): CellNodes;
  /** The weight that the cell holds, V. */
  weightV(nodes: CellNodes): number;
  /** Change of the weight in `elapsedS` without pulses, V. */
  driftV(nodes: CellNodes, elapsedS: number): number;
  /** Mean weight change of one second of a pulse of that amplitude and width, V/s. */
  responseVPerS(nodes: CellNodes, amplitudeV: number, widthS: number): number;
}

export function nominalCellModel(device: Device, converters: Converters, sign: WeightSign): CellModel {
  const { tunneling } = device;
  const couplingRel = device.couplingFF.value / device.nodeCapacitanceFF.value;
  return {
    nodesOf: ({ setCode, resetCode }) => ({
      setNodeV: setCode * converters.nodeVPerCode,
      resetNodeV: resetCode * converters.nodeVPerCode,
    }),
    weightV: (nodes) => weightV(nodes, sign),
    driftV: (nodes, elapsedS) => weightDriftV(nodes, elapsedS, { set: tunneling, reset: tunneling }, sign),
    responseVPerS: (nodes, amplitudeV, widthS) =>
      pulseResponseV(commonModeV(nodes), couplingRel * amplitudeV * device.dacGain.value, widthS, tunneling) /
      widthS,
  };
}
