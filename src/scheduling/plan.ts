import type { PulseKind, Slot, SlotPulse } from '../../firmware-protocol/slots.ts';
import type { Batch } from '../board/types.ts';

/** A wanted change of one cell, as the pulses that a policy chose for it. */
export interface PlannedUpdate {
  /** Number of the update in its run, from 1. */
  readonly update: number;
  readonly cell: number;
  readonly kind: PulseKind;
  /** Waves of the pulses, in order; each goes into a slot of its own. */
  readonly waves: readonly number[];
}

/** Which pulse of a batch belongs to which update. */
export interface PlacedPulse extends SlotPulse {
  readonly update: number;
  readonly slot: number;
}

/** A batch and where its pulses come from; pulses are in wire order. */
export interface PlannedBatch extends Batch {
  /** Number of the intent in its run, from 1; unlike the batch's, never used again. */
  readonly intent: number;
  readonly pulses: readonly PlacedPulse[];
}

/** Rest after each slot of a training run, us. */
export const GAP_US = 0;

export interface PlanSettings {
  readonly firstBatch: number;
  readonly firstIntent: number;
  readonly gapUs: number;
  readonly maxPulses: number;
}

/**
 * Packs updates into batches: pulses run in parallel as one slot, as many as may, but those of one cell
 * one after the other in the order of its updates. Slots are cut where a batch is full. Pure; every planned
 * pulse appears exactly once.
 */
export function planBatches(
  updates: readonly PlannedUpdate[],
  { firstBatch, firstIntent, gapUs, maxPulses }: PlanSettings,
): PlannedBatch[] {
  const parallel: Omit<PlacedPulse, 'slot'>[][] = [];
  const nextSlot = new Map<number, number>();
  for (const { update, cell, kind, waves } of updates) {
    for (const wave of waves) {
      const slot = nextSlot.get(cell) ?? 0;
      nextSlot.set(cell, slot + 1);
      const pulses = parallel[slot] ?? [];
      if (pulses.length === 0) parallel[slot] = pulses;
      pulses.push({ update, cell, kind, wave });
    }
  }
  const slots = parallel.flatMap((slot) => evenParts(slot, maxPulses));

  const batches: PlannedBatch[] = [];
  let open: (typeof slots)[number][] = [];
  let pulses = 0;
  const close = () => {
    if (open.length > 0) {
      const index = batches.length;
      batches.push({ ...toBatch(open, gapUs), batch: firstBatch + index, intent: firstIntent + index });
    }
    open = [];
    pulses = 0;
  };
  for (const slot of slots) {
    if (pulses + slot.length > maxPulses) close();
    open.push(slot);
    pulses += slot.length;
  }
  close();
  return batches;
}

/** The longest `gap_us` of a batch. */
const LONGEST_GAP_US = 3_600_000_000;

/** A batch without pulses that takes so long on the board, to the microsecond a slot. */
export function restBatch(
  durationUs: number,
  { batch, intent }: Pick<PlannedBatch, 'batch' | 'intent'>,
): PlannedBatch {
  const parts = Math.max(1, Math.ceil(durationUs / LONGEST_GAP_US));
  const slots = Array.from({ length: parts }, (): Slot => []);
  return { batch, intent, gapUs: Math.round(durationUs / parts), slots, pulses: [] };
}

function toBatch(
  slots: readonly (readonly Omit<PlacedPulse, 'slot'>[])[],
  gapUs: number,
): Omit<PlannedBatch, 'batch' | 'intent'> {
  const pulses: PlacedPulse[] = [];
  slots.forEach((planned, slot) => {
    for (const { update, cell, kind, wave } of planned) pulses.push({ update, cell, kind, wave, slot });
  });
  return {
    gapUs,
    slots: slots.map((slot): Slot => slot.map(({ cell, kind, wave }) => ({ cell, kind, wave }))),
    pulses,
  };
}

/** As few parts as there can be, of as equal a length as may be: a short last one would be answered before those ahead are written down. */
function evenParts<T>(items: readonly T[], most: number): T[][] {
  const parts = Math.ceil(items.length / most);
  const startOf = (part: number) => Math.round((part * items.length) / parts);
  return Array.from({ length: parts }, (_, part) => items.slice(startOf(part), startOf(part + 1)));
}
