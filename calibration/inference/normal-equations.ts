import { cholesky, solveWith } from '../linear/symmetric.ts';

export interface Solution3 {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  /** Standard deviation of c with a and b free. */
  readonly sigmaC: number;
  /** Chi square at the solution. */
  readonly chi2: number;
  /** ln of the determinant of the normal matrix. */
  readonly logDeterminant: number;
}

/** Weighted linear least squares in three unknowns a, b, c, from which observations can be taken out again. */
export class NormalEquations3 {
  #aa = 0;
  #ab = 0;
  #ac = 0;
  #bb = 0;
  #bc = 0;
  #cc = 0;
  #a = 0;
  #b = 0;
  #c = 0;
  #chi2 = 0;

  /** Adds the observation `residual = byA a + byB b + byC c`; a negative weight takes it out. */
  add(weight: number, residual: number, byA: number, byB: number, byC: number): void {
    this.#aa += weight * byA * byA;
    this.#ab += weight * byA * byB;
    this.#ac += weight * byA * byC;
    this.#bb += weight * byB * byB;
    this.#bc += weight * byB * byC;
    this.#cc += weight * byC * byC;
    this.#a += weight * byA * residual;
    this.#b += weight * byB * residual;
    this.#c += weight * byC * residual;
    this.#chi2 += weight * residual * residual;
  }

  /** The least-squares solution. Throws RangeError where an unknown was not observed. */
  solve(): Solution3 {
    const matrix = Float64Array.of(this.#aa, this.#ab, this.#bb, this.#ac, this.#bc, this.#cc);
    const right = Float64Array.of(this.#a, this.#b, this.#c);
    const factor = cholesky(matrix, 3);
    if (factor === undefined) throw new RangeError('the observations do not tell all three unknowns');
    const [a = 0, b = 0, c = 0] = solveWith(factor, right);
    const [l11 = 0, , l22 = 0, , , l33 = 0] = factor;
    return {
      a,
      b,
      c,
      sigmaC: 1 / l33,
      chi2: this.#chi2 - this.#a * a - this.#b * b - this.#c * c,
      logDeterminant: 2 * Math.log(l11 * l22 * l33),
    };
  }
}
