import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Uniform draws from 0 (included) to 1 (excluded). */
export type Uniform = () => number;

/** Standard normal draws (Box-Muller, one value a pair of uniforms, so that nothing hides between draws). */
export type Normal = () => number;

type Direction = 'to-board' | 'to-host';
type Purpose =
  | 'mismatch'
  | 'chip'
  | 'defects'
  | 'shot'
  | 'reading'
  | 'sensor'
  | 'boot'
  | 'schedule'
  | `jitter ${Direction}`
  | `faults ${Direction}`;

/**
 * A stream of its own for each purpose: reading more often must not change the mismatch. Seeds are
 * hashed, because the generator's first draws follow its seed closely. Where a chip is made once and used
 * often, each `use` after the first has new numbers.
 */
export function uniformStream(seed: number, purpose: Purpose, use = 0): Uniform {
  const name = use === 0 ? `${seed}/${purpose}` : `${seed}/${purpose}/${use}`;
  const generator = xoroshiro128plus(createHash('sha256').update(name).digest().readInt32LE());
  return () => uniformFloat64(generator);
}

export function normalStream(seed: number, purpose: Purpose, use = 0): Normal {
  const uniform = uniformStream(seed, purpose, use);
  return () => {
    const radius = Math.sqrt(-2 * Math.log1p(-uniform()));
    return radius * Math.cos(2 * Math.PI * uniform());
  };
}
