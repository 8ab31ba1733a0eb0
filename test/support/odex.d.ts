/** What the tests use of odex, whose own types are TypeScript sources that do not pass strict checks. */
export class Solver {
  constructor(dimensions: number);
  maxSteps: number;
  relativeTolerance: number;
  absoluteTolerance: number;
  initialStepSize: number;
  /** `outcome` is 0 where the end was reached. */
  solve(
    derivative: (x: number, y: number[]) => number[],
    x: number,
    y: number[],
    xEnd: number,
  ): { readonly y: number[]; readonly outcome: number };
}
