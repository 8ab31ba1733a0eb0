import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Standard normal draws (Box-Muller, one value a pair of uniforms, so that nothing hides between draws). */
export type Normal = () => number;

/** A stream of its own for each purpose: reading more often must not change the mismatch. */
export function normalStream(seed: number, purpose: number): Normal {
  const generator = xoroshiro128plus(Math.imul(seed, 0x9e3779b1) ^ Math.imul(purpose, 0x85ebca6b));
  return () => {
    const radius = Math.sqrt(-2 * Math.log1p(-uniformFloat64(generator)));
    return radius * Math.cos(2 * Math.PI * uniformFloat64(generator));
  };
}
