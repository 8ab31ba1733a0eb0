import { createHash } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A named source of randomness: the same seed and purpose give the same draws, whatever else is drawn. */
export interface Random {
  /** An integer from 0 to `below` - 1, all equally likely. */
  integer(below: number): number;
}

export function seededRandom(seed: number, purpose: string): Random {
  const generator = xoroshiro128plus(
    createHash('sha256').update(`${seed}/${purpose}`).digest().readInt32LE(),
  );
  return { integer: (below) => uniformInt(generator, 0, below - 1) };
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
