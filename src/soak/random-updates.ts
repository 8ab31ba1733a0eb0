import { type Random, shuffled } from '../core/random.ts';
import type { PlannedUpdate } from '../scheduling/plan.ts';

/**
 * Updates of one pulse each on random cells, of random kind and wave. All cells have their turn in a new random order before one has
 * its next, so that slots are as full as the array allows.
 */
export function randomUpdates(
  count: number,
  {
    firstUpdate,
    cells,
    waves,
  }: { readonly firstUpdate: number; readonly cells: number; readonly waves: readonly number[] },
  random: Random,
): PlannedUpdate[] {
  const everyCell = Array.from({ length: cells }, (_, cell) => cell);
  const updates: PlannedUpdate[] = [];
  while (updates.length < count) {
    for (const cell of shuffled(everyCell, random).slice(0, count - updates.length)) {
      updates.push({
        update: firstUpdate + updates.length,
        cell,
        kind: random.integer(2) === 0 ? 'SET' : 'RESET',
        waves: [waves[random.integer(waves.length)] ?? 0],
      });
    }
  }
  return updates;
}
