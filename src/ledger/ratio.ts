/** How many times its lower bound an energy is; or why that cannot be said. */
export type Ratio =
  | { readonly kind: 'ratio'; readonly value: number; readonly sigma: number }
  | { readonly kind: 'uncertain' | 'no-bound' | 'below-bound'; readonly reason: string };

const ZJ_PER_FJ = 1e6;

/**
 * Compares an energy (fJ) with its bound (zJ). An energy significantly (3 sigma) below its bound is a fault
 * of the measurement and said to be one; no ratio is given where sigma is not below the value.
 */
export function ratioToBound(energyFJ: number, sigmaFJ: number, boundZJ: number): Ratio {
  if (!(boundZJ > 0)) return { kind: 'no-bound', reason: 'the bound is zero' };
  const value = (energyFJ * ZJ_PER_FJ) / boundZJ;
  const sigma = (sigmaFJ * ZJ_PER_FJ) / boundZJ;
  if (value + 3 * sigma < 1) {
    return {
      kind: 'below-bound',
      reason: 'the energy is below its lower bound: the measurement is at fault',
    };
  }
  if (sigmaFJ < energyFJ) return { kind: 'ratio', value, sigma };
  return {
    kind: 'uncertain',
    reason: `sigma (${sigmaFJ.toPrecision(2)} fJ) is not below the value (${energyFJ.toPrecision(2)} fJ)`,
  };
}
