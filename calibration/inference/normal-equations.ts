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

  /** The least-squares solution, by Cholesky factors. Each unknown must have been observed. */
  solve(): Solution3 {
    const l11 = Math.sqrt(this.#aa);
    const l21 = this.#ab / l11;
    const l31 = this.#ac / l11;
    const l22 = Math.sqrt(this.#bb - l21 ** 2);
    const l32 = (this.#bc - l31 * l21) / l22;
    const l33 = Math.sqrt(this.#cc - l31 ** 2 - l32 ** 2);
    const y1 = this.#a / l11;
    const y2 = (this.#b - l21 * y1) / l22;
    const y3 = (this.#c - l31 * y1 - l32 * y2) / l33;
    const c = y3 / l33;
    const b = (y2 - l32 * c) / l22;
    return {
      a: (y1 - l21 * b - l31 * c) / l11,
      b,
      c,
      sigmaC: 1 / l33,
      chi2: this.#chi2 - y1 ** 2 - y2 ** 2 - y3 ** 2,
      logDeterminant: 2 * Math.log(l11 * l22 * l33),
    };
  }
}
