import { atLeast } from './domain.ts';

/** What a training does, seen from the memory: `operations` updates spread over `parameters`. */
export interface TrainingLoad {
  readonly parameters: number;
  readonly operations: number;
}

/**
 * N = OPS/M. Throws RangeError with less than one parameter, or fewer operations than parameters: a parameter that is
 * never updated is not trained.
 */
export function updatesPerParameter({ parameters, operations }: TrainingLoad): number {
  atLeast('parameters', parameters, 1);
  if (operations >= parameters && operations < Number.POSITIVE_INFINITY) return operations / parameters;
  throw new RangeError(`operations: expected at least one a parameter (${parameters}), found ${operations}`);
}
