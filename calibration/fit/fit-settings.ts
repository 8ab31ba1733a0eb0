import type { NodeParameters } from './node-parameters.ts';

/** What is believed before the fit, and what a voltage read-out cannot tell. */
export interface FitSettings {
  /** Where each fit begins: the device's nominal parameters. */
  readonly start: NodeParameters;
  /** Expected noise of one (averaged) reading, V at the node; the array's own is found out. */
  readonly readNoiseV: number;
  /** C_T, fF: sets the shot noise. */
  readonly nodeCapacitanceFF: number;
  /** Spread of read offsets, V (1 sigma): the prior of `offsetV`. */
  readonly offsetSigmaV: number;
  /** Node range in which the model holds, V. */
  readonly validNodeV: { readonly min: number; readonly max: number };
}
