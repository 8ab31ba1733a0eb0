import { Solver } from 'odex';

/** What acts on a node while it is integrated; `leakS` and a temperature that drifts only where they are given. */
export interface Acting {
  readonly k1PerS: number;
  readonly k2V: number;
  readonly boostV?: number;
  readonly leakS?: number;
  /** Rises of k1 and k2 over time, 1/s, relative. */
  readonly k1RelPerS?: number;
  readonly k2RelPerS?: number;
}

/**
 * How far a node at `nodeV` falls in `forS`, by Hairer's extrapolation integrator on dV/dt itself. Its variable is the fall, which
 * begins at 0, so that no digit of a small one is lost; over ln(1 + t/t0), in which free decay is nearly a straight line.
 */
export function integratedDropV(nodeV: number, forS: number, acting: Acting): number {
  const { k1PerS, k2V, boostV = 0, leakS = Number.POSITIVE_INFINITY, k1RelPerS = 0, k2RelPerS = 0 } = acting;
  if (forS === 0) return 0;
  const plasticityS = Math.exp(k2V / (nodeV + boostV)) / k1PerS;
  const solver = new Solver(1);
  solver.relativeTolerance = 1e-12;
  solver.absoluteTolerance = 1e-16;
  solver.maxSteps = 1_000_000;
  const end = Math.log1p(forS / plasticityS);
  solver.initialStepSize = end / 10;
  const perLogTime = (logTime: number, [fallenV = 0]: number[]): number[] => {
    const atS = plasticityS * Math.expm1(logTime);
    const oxideV = nodeV + boostV - fallenV;
    const k2 = k2V * (1 + k2RelPerS * atS);
    const k1 = k1PerS * (1 + k1RelPerS * atS);
    const rateVPerS = (k1 / k2) * oxideV ** 2 * Math.exp(-k2 / oxideV) + (nodeV - fallenV) / leakS;
    return [rateVPerS * plasticityS * Math.exp(logTime)];
  };
  const { y, outcome } = solver.solve(perLogTime, 0, [0], end);
  if (outcome !== 0) throw new Error(`the integrator gave up: outcome ${outcome}`);
  return y[0] ?? Number.NaN;
}
