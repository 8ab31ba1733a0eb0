import type { Wave } from '../../src/board/types.ts';
import { seededRandom, shuffled } from '../../src/core/random.ts';
import type { PlannedUpdate } from '../../src/scheduling/plan.ts';

/** A few pulse shapes of the amplitude that experiments use by default. */
export const waves: readonly Wave[] = [1_000, 2_000, 3_000, 4_000].map((widthUs, wave) => ({
  wave,
  amplitudeV: 0.2236,
  widthUs,
}));

/** Orders of all cells that are made before the clock starts, then used again and again. */
const ROUNDS = 64;

/** Steps of random updates, numbered on: every cell as often as any other, in random order, direction and wave. */
export function randomWork(seed: number, cells: number): (updatesPerCell: number) => PlannedUpdate[] {
  const random = seededRandom(seed, 'bench-updates');
  const all = Array.from({ length: cells }, (_, cell) => cell);
  const rounds = Array.from({ length: ROUNDS }, () =>
    shuffled(all, random).map((cell) => ({
      cell,
      kind: random.integer(2) === 0 ? ('SET' as const) : ('RESET' as const),
      waves: [random.integer(waves.length)],
    })),
  );
  let updates = 0;
  let round = 0;
  return (updatesPerCell) => {
    const step: PlannedUpdate[] = [];
    for (const lastRound = round + updatesPerCell; round < lastRound; round += 1) {
      for (const { cell, kind, waves } of rounds[round % ROUNDS] ?? []) {
        updates += 1;
        step.push({ update: updates, cell, kind, waves });
      }
    }
    return step;
  };
}
