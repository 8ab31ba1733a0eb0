import type { Covariance, NodeParameters } from './node-parameters.ts';
import type { Verdict } from './verdict.ts';

/** How well the model explains what was read. */
export interface FitDiagnostics {
  /** Readings that the fit used, and those that it set aside as outliers. */
  readonly points: number;
  readonly outliers: number;
  /** Sum of squared innovations in units of their sigmas, and its degrees of freedom. */
  readonly chi2: number;
  readonly dof: number;
  /** Wald-Wolfowitz runs test of the signs of the innovations: standard normal where they are independent. */
  readonly runsZ: number;
  readonly iterations: number;
  /** Noise of one (averaged) reading as this node's own residuals tell it, V, and its sigma. */
  readonly readNoiseV: number;
  readonly readNoiseSigmaV: number;
}

export interface NodeFit {
  readonly parameters: NodeParameters;
  /** Of measurement noise and priors; what all nodes of the board share is not in it. */
  readonly covariance: Covariance;
  readonly diagnostics: FitDiagnostics;
}

/** What calibration says of one node. */
export interface NodeResult {
  readonly node: number;
  readonly verdict: Verdict;
  /** One sentence with the numbers behind a verdict other than good; null for good. */
  readonly reason: string | null;
  /** Null where there was nothing to fit. */
  readonly fit: NodeFit | null;
}
