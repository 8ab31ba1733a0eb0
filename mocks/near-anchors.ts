/**
 * Logarithms and exponentials of numbers that move little from one call to the next, one number a node: near where the last
 * true one was taken a short series is as exact, to the last bit or two, and much faster.
 */
const NEAR = 2 ** -7;

const THIRD = 1 / 3;
const SIXTH = 1 / 6;
const SEVENTH = 1 / 7;

/** log1p of numbers that are usually small. Terms are paired, so that few have to wait for others. */
export function log1pNear(x: number): number {
  if (x > NEAR || x < -NEAR) return Math.log1p(x);
  const x2 = x * x;
  const low = 1 - 0.5 * x + x2 * (THIRD - 0.25 * x);
  return x * (low + x2 * x2 * (0.2 - SIXTH * x + x2 * SEVENTH));
}

const F4 = 1 / 24;
const F5 = 1 / 120;
const F6 = 1 / 720;

/** expm1 of numbers that are usually small. */
export function expm1Near(x: number): number {
  if (x > NEAR || x < -NEAR) return Math.expm1(x);
  const x2 = x * x;
  const low = 1 + 0.5 * x + x2 * (SIXTH + F4 * x);
  return x * (low + x2 * x2 * (F5 + F6 * x));
}

export class NearLog {
  readonly #at: Float64Array;
  readonly #inverse: Float64Array;
  readonly #log: Float64Array;

  constructor(count: number) {
    this.#at = new Float64Array(count).fill(1);
    this.#inverse = new Float64Array(count).fill(1);
    this.#log = new Float64Array(count);
  }

  /** log(x), near the last x of this index. */
  of(index: number, x: number): number {
    const away = (x - (this.#at[index] as number)) * (this.#inverse[index] as number);
    if (away < NEAR && away > -NEAR) return (this.#log[index] as number) + log1pNear(away);
    const log = Math.log(x);
    this.#at[index] = x;
    this.#inverse[index] = 1 / x;
    this.#log[index] = log;
    return log;
  }
}

export class NearExp {
  readonly #at: Float64Array;
  readonly #exp: Float64Array;

  constructor(count: number) {
    this.#at = new Float64Array(count);
    this.#exp = new Float64Array(count).fill(1);
  }

  /** exp(x), near the last x of this index. */
  of(index: number, x: number): number {
    const away = x - (this.#at[index] as number);
    const exp = this.#exp[index] as number;
    if (away < NEAR && away > -NEAR) return exp + exp * expm1Near(away);
    const anew = Math.exp(x);
    this.#at[index] = x;
    this.#exp[index] = anew;
    return anew;
  }
}
