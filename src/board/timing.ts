import type { Slot } from '../../firmware-protocol/slots.ts';
import type { BoardIdentity } from './types.ts';

type ReadTiming = Pick<BoardIdentity, 'readGroupNodes' | 'readGroupUs'>;

/** Board time to convert that many nodes, us. */
export const conversionUs = (nodes: number, { readGroupNodes, readGroupUs }: ReadTiming): number =>
  Math.ceil(nodes / readGroupNodes) * readGroupUs;

/** Board time of a batch, us: for each slot its conversions before and after, its longest pulse, its gap. */
export function batchUs(
  { slots, gapUs }: { readonly slots: readonly Slot[]; readonly gapUs: number },
  widthUsOf: (wave: number) => number,
  board: ReadTiming,
): number {
  const slotUs = (slot: Slot) => Math.max(0, ...slot.map(({ wave }) => widthUsOf(wave)));
  return slots.reduce((sum, slot) => sum + 2 * conversionUs(slot.length, board) + slotUs(slot) + gapUs, 0);
}
