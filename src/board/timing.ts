import type { Slot } from '../../firmware-protocol/slots.ts';
import type { BoardIdentity } from './types.ts';

type ReadTiming = Pick<BoardIdentity, 'readGroupNodes' | 'readGroupUs'>;

/** Board time to convert that many nodes, us. */
export const conversionUs = (nodes: number, { readGroupNodes, readGroupUs }: ReadTiming): number =>
  Math.ceil(nodes / readGroupNodes) * readGroupUs;

/** When, after the first, the conversion of the node at that place in the order begins, us. */
export const conversionStartUs = (index: number, { readGroupNodes, readGroupUs }: ReadTiming): number =>
  Math.floor(index / readGroupNodes) * readGroupUs;

type WidthUsOf = (wave: number) => number;

/** A slot lasts as long as its longest pulse, us. */
export function slotUs(slot: Slot, widthUsOf: WidthUsOf): number {
  let longestUs = 0;
  for (const { wave } of slot) longestUs = Math.max(longestUs, widthUsOf(wave));
  return longestUs;
}

/** Board time of a batch, us: for each slot its conversions before and after, its longest pulse, its gap. */
export function batchUs(
  { slots, gapUs }: { readonly slots: readonly Slot[]; readonly gapUs: number },
  widthUsOf: WidthUsOf,
  board: ReadTiming,
): number {
  return slots.reduce(
    (sum, slot) => sum + 2 * conversionUs(slot.length, board) + slotUs(slot, widthUsOf) + gapUs,
    0,
  );
}

/** When what happened to a pulsed node, on the board's clock, us. */
export interface PulseTimes {
  readonly slot: number;
  /** Its conversions before and after the slot. */
  readonly beforeUs: number;
  readonly afterUs: number;
  /** All pulses of a slot start together. */
  readonly startUs: number;
  readonly endUs: number;
}

/** The times of each pulse of a batch that began at `startedUs`, in wire order. */
export function pulseTimes(
  { slots, gapUs }: { readonly slots: readonly Slot[]; readonly gapUs: number },
  startedUs: number,
  widthUsOf: WidthUsOf,
  board: ReadTiming,
): PulseTimes[] {
  let slotStartUs = startedUs;
  return slots.flatMap((pulses, slot) => {
    const firstUs = slotStartUs;
    const startUs = firstUs + conversionUs(pulses.length, board);
    const secondUs = startUs + slotUs(pulses, widthUsOf);
    slotStartUs += batchUs({ slots: [pulses], gapUs }, widthUsOf, board);
    return pulses.map(({ wave }, index) => ({
      slot,
      beforeUs: firstUs + conversionStartUs(index, board),
      startUs,
      endUs: startUs + widthUsOf(wave),
      afterUs: secondUs + conversionStartUs(index, board),
    }));
  });
}

/**
 * By wave, the time between the conversions of a pulse's node before and after its slot, less the pulse itself, us.
 * Nodes are converted in the same order both times, so this is the same for all pulses of a wave.
 */
export function idleUs(slot: Slot, widthUsOf: WidthUsOf, board: ReadTiming): (wave: number) => number {
  const betweenUs = conversionUs(slot.length, board) + slotUs(slot, widthUsOf);
  return (wave) => betweenUs - widthUsOf(wave);
}

/** The longest time that a batch may wait on the board for its start, us. */
export const MOST_LEAD_US = 2_000_000;
