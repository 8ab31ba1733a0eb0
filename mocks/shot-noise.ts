/**
 * What electrons that tunnel one by one add to a gate's voltage, while its barrier h = k2/V rises. With r = -dV/dt, an
 * early deviation has shrunk to m = r_end / r by the end (the linearized law keeps its shape), so
 *
 *   Var = q/C_T Int r m^2 dt = (q/C_T) r_end^2 Int dt / r
 *
 * and with w = exp(h), r = k1 k2 / (h^2 w), Int dt/r is G(w) / (k1^2 k2), G(w) = w^2/2 (ln^2 w - ln w + 1/2).
 */

/** Below this growth of w the difference of two G would lose more digits than the short form leaves out. */
const SHORT_GROWTH = 1e-3;

/** m over an interval in which w grows by the factor 1 + `growth`, and the barrier from `from` by `rise` = log1p(growth). */
export function memoryOf(from: number, rise: number, growth: number): number {
  const ratio = from / (from + rise);
  return (ratio * ratio) / (1 + growth);
}

/** Variance that arises in such an interval, V^2 per volt of charge quantum q/C_T. */
export function varianceOf(k2V: number, from: number, rise: number, growth: number): number {
  const to = from + rise;
  if (growth < SHORT_GROWTH) {
    const dropV = (k2V * rise) / (from * to);
    // Noise of the interval itself is forgotten a little by its end.
    return dropV * (1 - growth * (1 + 2 / from));
  }
  const shrink = 1 / (1 + growth);
  const gained = to * (to - 1) + 0.5 - (from * (from - 1) + 0.5) * shrink * shrink;
  return (0.5 * k2V * gained) / (to * to * to * to);
}
