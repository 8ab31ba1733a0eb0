import type { Device } from '../../calibration/devices.ts';
import type { Converters } from '../board/converters.ts';
import type { ArrayReading } from '../board/types.ts';
import { FnloopError } from '../core/errors.ts';
import type { CellModel } from './cell-model.ts';

interface Validity {
  readonly boardId: string;
  readonly device: Device;
  readonly converters: Converters;
  readonly model: CellModel;
}

/** Throws `chip-unfit` unless every node read is within the range in which the device's model holds. */
export function assertReadable(
  { cells }: ArrayReading,
  { boardId, device, converters, model }: Validity,
): void {
  const { min, max } = device.validNodeV;
  for (const cell of cells) {
    const { setNodeV, resetNodeV } = model.nodesOf(cell);
    const isClipped = converters.isClipped(cell.setCode) || converters.isClipped(cell.resetCode);
    if (!isClipped && Math.min(setNodeV, resetNodeV) >= min && Math.max(setNodeV, resetNodeV) <= max)
      continue;
    throw new FnloopError(
      'chip-unfit',
      `Cell ${cell.cell} of board ${boardId} reads ${setNodeV.toFixed(4)} V on S and ${resetNodeV.toFixed(4)} V on R` +
        `${isClipped ? ', at the end of the converter' : ''}; device ${device.name} is valid from ${min} to ${max} V.`,
    );
  }
}
