import { inverseOf, type Triangle } from '../linear/symmetric.ts';
import { SIZE } from './node-filter.ts';
import type { Covariance } from './node-parameters.ts';

/** Covariance over `parameterNames` from the Cholesky factor of a filter's information: ln k1 is ln rate + k2 / V_ref. */
export function covarianceOf(factor: Triangle, referenceV: number): Covariance {
  const inner = inverseOf(factor, SIZE);
  const [ofRate = [], ofK2 = []] = inner;
  const ofLnK1 = ofRate.map((value, column) => value + (ofK2[column] ?? 0) / referenceV);
  const variance = (ofLnK1[0] ?? 0) + (ofLnK1[1] ?? 0) / referenceV;
  return inner.map((row, index) => {
    if (index === 0) return [variance, ...ofLnK1.slice(1)];
    return [ofLnK1[index] ?? 0, ...row.slice(1)];
  });
}
