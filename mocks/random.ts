import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Standard normal draws (Box-Muller, one value a pair of uniforms, so that nothing hides between draws). */
export type Normal = () => number;

/**
 * A stream of its own for each purpose: reading more often must not change the mismatch. Seeds are
 * hashed, because the generator's first draws follow its seed closely.
 */
export function normalStream(seed: number, purpose: 'mismatch' | 'shot' | 'reading' | 'boot'): Normal {
  const generator = xoroshiro128plus(
    createHash('sha256').update(`${seed}/${purpose}`).digest().readInt32LE(),
  );
  return () => {
    const radius = Math.sqrt(-2 * Math.log1p(-uniformFloat64(generator)));
    return radius * Math.cos(2 * Math.PI * uniformFloat64(generator));
  };
}
