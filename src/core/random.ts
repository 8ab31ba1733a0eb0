import { createHash } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/** A named source of randomness: the same seed and purpose give the same draws, whatever else is drawn. */
export interface Random {
  /** An integer from 0 to `below` - 1, all equally likely. */
  integer(below: number): number;
}

/** A source of randomness that can be gone on with: made from its state, another one draws the same from there. */
export interface ResumableRandom extends Random {
  readonly state: readonly number[];
}

/** `state` is where an earlier source of the same seed and purpose had come to. */
export function seededRandom(seed: number, purpose: string, state?: readonly number[]): ResumableRandom {
  const generator =
    state === undefined
      ? xoroshiro128plus(createHash('sha256').update(`${seed}/${purpose}`).digest().readInt32LE())
      : xoroshiro128plusFromState(state);
  return {
    integer: (below) => uniformInt(generator, 0, below - 1),
    get state() {
      return generator.getState();
    },
  };
}

/** A new array with the same items in random order (Fisher-Yates). */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = random.integer(last + 1);
    [order[last], order[other]] = [order[other] as T, order[last] as T];
  }
  return order;
}
