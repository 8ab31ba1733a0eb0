import type { AssumptionName, BoundAssumptions } from './assumptions.ts';
import { whereAllowed } from './domain.ts';
import { type BoundName, boundNames, trainingBounds } from './training-bounds.ts';
import type { TrainingLoad } from './training-load.ts';

/** Everything that a total depends on. */
export type InputName = keyof TrainingLoad | AssumptionName;

/** What one input contributes. */
export interface Sensitivity {
  readonly name: InputName;
  readonly value: number;
  /** Null where the theory allows no such change. */
  readonly changed: {
    readonly to: number;
    /** Each bound's total over what it was, once this input alone is changed; null for a bound that was zero. */
    readonly effects: Readonly<Record<BoundName, number | null>>;
  } | null;
}

/** Tenfold, to the side that somebody might wish for; bits and exponent, which stand in exponents, are doubled. */
const FACTORS: Readonly<Record<InputName, number>> = {
  parameters: 10,
  operations: 10,
  bits: 2,
  temperatureK: 0.1,
  retentionS: 10,
  rateMaxPerS: 10,
  trainingS: 0.1,
  rateRatio: 10,
  exponent: 2,
  errorRate: 0.1,
};

const inputNames = Object.keys(FACTORS) as InputName[];

/**
 * Changes one input after the other: more parameters at the same OPS are updated less often each. An input whose change would
 * leave what the theory allows (fewer operations than parameters, a rate above R_max) is changed the other way.
 * Throws RangeError where the inputs themselves are not allowed.
 */
export function sensitivities(load: TrainingLoad, assumptions: BoundAssumptions): Sensitivity[] {
  const before = trainingBounds(load, assumptions);
  const inputs: Readonly<Record<InputName, number>> = { ...load, ...assumptions };
  return inputNames.map((name) => {
    const value = inputs[name];
    const changedTo = (to: number): Sensitivity['changed'] => {
      const { parameters, operations, ...others } = { ...inputs, [name]: to };
      const bounds = whereAllowed(() => trainingBounds({ parameters, operations }, others));
      if (bounds === undefined) return null;
      const effects = Object.fromEntries(
        boundNames.map((bound) => [bound, ratio(bounds[bound].totalJ, before[bound].totalJ)]),
      ) as Record<BoundName, number | null>;
      return { to, effects };
    };
    return { name, value, changed: changedTo(value * FACTORS[name]) ?? changedTo(value / FACTORS[name]) };
  });
}

const ratio = (after: number, before: number): number | null => (before === 0 ? null : after / before);
