import { entryAt } from '../linear/symmetric.ts';
import type { FitSettings } from './fit-settings.ts';
import type { FilterPoint, NodeFilter } from './node-filter.ts';

/** How strongly nodes follow the temperature law, before any measurement (1 sigma) [assumed]. */
export const TEMPERATURE_SCALE_SIGMA = 0.3;
/** Priors that only matter where the data say nothing: relative to the starting values. */
const WEAK_REL = 0.5;
const WEAK_LN_RATE = 5;

/** A prior of one parameter: normal, independent of the others. */
export interface Prior {
  readonly value: number;
  readonly weight: number;
}

/** What is believed of each parameter before any data, in the filter's order. */
export function priorsOf({ lnRate, k2V, couplingRel }: FilterPoint, { offsetSigmaV }: FitSettings): Prior[] {
  const prior = (value: number, sigma: number): Prior => ({ value, weight: 1 / sigma ** 2 });
  return [
    prior(lnRate, WEAK_LN_RATE),
    prior(k2V, WEAK_REL * k2V),
    prior(couplingRel, WEAK_REL * couplingRel),
    prior(0, offsetSigmaV),
    prior(1, TEMPERATURE_SCALE_SIGMA),
  ];
}

/** Adds priors to a filter's sums; returns what they add to chi square. */
export function addPriors(filter: NodeFilter, priors: readonly Prior[], point: FilterPoint): number {
  const values = valuesOf(point);
  let chi2 = 0;
  priors.forEach(({ value, weight }, index) => {
    const lack = value - (values[index] ?? 0);
    const diagonal = entryAt(index, index);
    filter.information[diagonal] = (filter.information[diagonal] ?? 0) + weight;
    filter.gradient[index] = (filter.gradient[index] ?? 0) + weight * lack;
    chi2 += weight * lack * lack;
  });
  return chi2;
}

const valuesOf = ({ lnRate, k2V, couplingRel, offsetV, temperatureScale }: FilterPoint): number[] => [
  lnRate,
  k2V,
  couplingRel,
  offsetV,
  temperatureScale,
];
