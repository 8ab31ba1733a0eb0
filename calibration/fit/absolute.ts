import type { NodeFit } from './node-fit.ts';

/** Relative sigmas of what a voltage read-out cannot tell and all nodes of a board share. */
export interface SharedScale {
  readonly readGainRel: number;
  readonly dacGainRel: number;
}

/** Sigmas of a node's parameters as physical ones, on a true volt: its own and the board's together. */
export interface AbsoluteSigmas {
  readonly lnK1: number;
  readonly k2V: number;
  readonly couplingRel: number;
}

/**
 * A read gain that is off by g makes k2 and the coupling ratio larger by g, a DAC gain makes the ratio larger; k1 is a
 * rate and knows no volt. Predictions of readings need none of this.
 */
export function absoluteSigmas(
  { parameters, covariance }: Pick<NodeFit, 'parameters' | 'covariance'>,
  { readGainRel, dacGainRel }: SharedScale,
): AbsoluteSigmas {
  const own = (index: number) => Math.sqrt(covariance[index]?.[index] ?? 0);
  const { tunneling, couplingRel } = parameters;
  return {
    lnK1: own(0),
    k2V: Math.hypot(own(1), tunneling.k2V * readGainRel),
    couplingRel: Math.hypot(own(2), couplingRel * Math.hypot(readGainRel, dacGainRel)),
  };
}
