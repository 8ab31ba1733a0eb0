import type { WeightSign } from '../../calibration/physics/cell.ts';
import type { PulseKind } from '../../firmware-protocol/slots.ts';
import type { BoardIdentity } from '../board/types.ts';
import { pulsedNode } from './run-record.ts';

/** Pulses that may go out together: of one kind, and no two of their cells neighbors. */
export interface PulseGroup {
  readonly kind: PulseKind;
  readonly cells: readonly number[];
}

/**
 * A pulse for each of the nodes, as four groups: SET and RESET on the black and on the white fields of a checkerboard. A pulse
 * disturbs the four cells beside it, so neighbors are never pulsed at once. Cells are numbered row by row.
 */
export function pulseGroups(
  nodes: ReadonlySet<number>,
  sign: WeightSign,
  { rows, columns }: Pick<BoardIdentity, 'rows' | 'columns'>,
  kinds: readonly PulseKind[] = ['SET', 'RESET'],
): PulseGroup[] {
  const cells = Array.from({ length: rows * columns }, (_, cell) => cell);
  return kinds.flatMap((kind) =>
    [0, 1].map((color) => ({
      kind,
      cells: cells.filter(
        (cell) =>
          (Math.floor(cell / columns) + (cell % columns)) % 2 === color &&
          nodes.has(pulsedNode(cell, kind, sign)),
      ),
    })),
  );
}
