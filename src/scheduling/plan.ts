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
  readonly pulses: readonly PlacedPulse[];
}

/**
 * Packs updates into batches: the n-th pulses of all updates run in parallel as one slot, and slots
 * are cut where a batch is full. Pure; every planned pulse appears exactly once.
 */
export function planBatches(
  updates: readonly PlannedUpdate[],
  {
    firstBatch,
    gapUs,
    maxPulses,
  }: { readonly firstBatch: number; readonly gapUs: number; readonly maxPulses: number },
): PlannedBatch[] {
  const rounds = Math.max(0, ...updates.map(({ waves }) => waves.length));
  const slots = Array.from({ length: rounds }, (_, round) =>
    updates.flatMap(({ update, cell, kind, waves }) => {
      const wave = waves[round];
      return wave === undefined ? [] : [{ update, cell, kind, wave }];
    }),
  ).flatMap((slot) => chunks(slot, maxPulses));

  const batches: PlannedBatch[] = [];
  let open: (typeof slots)[number][] = [];
  const close = () => {
    if (open.length > 0) batches.push(toBatch(open, firstBatch + batches.length, gapUs));
    open = [];
  };
  for (const slot of slots) {
    if (open.flat().length + slot.length > maxPulses) close();
    open.push(slot);
  }
  close();
  return batches;
}

function toBatch(
  slots: readonly (readonly Omit<PlacedPulse, 'slot'>[])[],
  batch: number,
  gapUs: number,
): PlannedBatch {
  return {
    batch,
    gapUs,
    slots: slots.map((slot): Slot => slot.map(({ cell, kind, wave }) => ({ cell, kind, wave }))),
    pulses: slots.flatMap((slot, index) => slot.map((pulse) => ({ ...pulse, slot: index }))),
  };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
