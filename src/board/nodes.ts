import type { PulseKind } from '../../firmware-protocol/slots.ts';

/** Number of a cell's node: S, then R of each cell. */
export const nodeNumber = (cell: number, kind: PulseKind): number => 2 * cell + (kind === 'RESET' ? 1 : 0);

/** A node in words: `node R of cell 3`. */
export const nodeName = (node: number): string =>
  `node ${node % 2 === 0 ? 'S' : 'R'} of cell ${Math.floor(node / 2)}`;
