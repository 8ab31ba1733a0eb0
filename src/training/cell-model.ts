import type { Device } from '../../calibration/devices.ts';
import {
  type CellNodes,
  pulseResponseV,
  type WeightSign,
  weightDriftV,
  weightV,
} from '../../calibration/physics/cell.ts';
import type { Converters } from '../board/converters.ts';
import { nodeNumber } from '../board/nodes.ts';
import type { CellReading, Wave } from '../board/types.ts';
import { type ChipModel, pulsedNode } from '../chip/chip-model.ts';
import { type Gate, gateAt } from '../chip/node-model.ts';
import { FnloopError } from '../core/errors.ts';
import { readSigmaV } from '../ledger/account.ts';
import type { Moves, PulseKind, Responses } from './policy.ts';

/** What the host expects of the cells that it reads. Weights are as read; offsets count in the physics only. */
export interface CellModel {
  nodesOf(reading: CellReading): CellNodes;
  /** The weight that the cell holds, V. */
  weightV(reading: CellReading): number;
  /** Change of the weight in `elapsedS` without pulses, V. */
  driftV(reading: CellReading, elapsedS: number, temperatureK: number | undefined): number;
  /** By kind, how far a second of a pulse of that amplitude and width moves the weight, V/s: both positive. */
  responsesVPerS(reading: CellReading, pulse: PulseShape, temperatureK: number | undefined): Responses;
  /** By kind, how far one such pulse moves the weight, V: both positive. */
  movesV(
    reading: CellReading,
    pulse: Pick<Wave, 'amplitudeV' | 'widthUs'>,
    temperatureK: number | undefined,
  ): Moves;
}

export interface PulseShape {
  /** As the experiment asks for it. */
  readonly amplitudeV: number;
  readonly widthS: number;
}

const US_PER_S = 1e6;

/** Noise of one reading of a weight, V: that of its two nodes. */
export const weightSigmaV = (device: Device, converters: Converters): number =>
  Math.SQRT2 * readSigmaV(device, converters);

/** The cells of a chip, at the sign that its weights were found to have. */
export function cellModel(chip: ChipModel, converters: Converters, sign: WeightSign): CellModel {
  const nodesOf = ({ setCode, resetCode }: CellReading): CellNodes => ({
    setNodeV: setCode * converters.nodeVPerCode,
    resetNodeV: resetCode * converters.nodeVPerCode,
  });
  const gateOf = (node: number, { setCode, resetCode }: CellReading, toldK: number | undefined): Gate => {
    const model = chip.node(node);
    if (model === undefined)
      throw new FnloopError('invariant', `Node ${node} holds a weight, and nothing is known of it.`);
    const code = node % 2 === 0 ? setCode : resetCode;
    return gateAt(model, code * converters.nodeVPerCode, chip.temperatureK(toldK));
  };
  const moveV = (
    reading: CellReading,
    kind: PulseKind,
    { amplitudeV, widthS }: PulseShape,
    toldK: number | undefined,
  ) => {
    const { nodeV, tunneling, couplingRel } = gateOf(pulsedNode(reading.cell, kind, sign), reading, toldK);
    return pulseResponseV(nodeV, couplingRel * amplitudeV * chip.device.dacGain.value, widthS, tunneling);
  };
  return {
    nodesOf,
    weightV: (reading) => weightV(nodesOf(reading), sign),
    driftV: (reading, elapsedS, toldK) => {
      const set = gateOf(nodeNumber(reading.cell, 'SET'), reading, toldK);
      const reset = gateOf(nodeNumber(reading.cell, 'RESET'), reading, toldK);
      const nodes = { setNodeV: set.nodeV, resetNodeV: reset.nodeV };
      return weightDriftV(nodes, elapsedS, { set: set.tunneling, reset: reset.tunneling }, sign);
    },
    responsesVPerS: (reading, pulse, toldK) => ({
      SET: moveV(reading, 'SET', pulse, toldK) / pulse.widthS,
      RESET: moveV(reading, 'RESET', pulse, toldK) / pulse.widthS,
    }),
    movesV: (reading, { amplitudeV, widthUs }, toldK) => {
      const pulse = { amplitudeV, widthS: widthUs / US_PER_S };
      return { SET: moveV(reading, 'SET', pulse, toldK), RESET: moveV(reading, 'RESET', pulse, toldK) };
    },
  };
}
