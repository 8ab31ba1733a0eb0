import type { Tunneling } from '../physics/tunneling.ts';

/**
 * What a voltage read-out tells of one floating-gate node. Voltages are as the board's announced scales read them: a
 * read gain that is off by g makes k2 and the coupling ratio larger by g, which no reading can show.
 */
export interface NodeParameters {
  /** At the reference temperature. */
  readonly tunneling: Tunneling;
  /** eta: boost of the node over amplitude of the pulse, as the DAC's nominal scale and gain say it. */
  readonly couplingRel: number;
  /** What the read path adds to the node's voltage, V. */
  readonly offsetV: number;
  /** How strongly the node follows the temperature law; 1 as it says. */
  readonly temperatureScale: number;
}

/** The fitted quantities, in the order of rows and columns of a covariance. */
export const parameterNames = ['lnK1', 'k2V', 'couplingRel', 'offsetV', 'temperatureScale'] as const;
export type ParameterName = (typeof parameterNames)[number];

/** Symmetric matrix over `parameterNames`, row by row. */
export type Covariance = readonly (readonly number[])[];
