/**
 * A value with its 1-sigma parts kept apart, so that the sigma of a sum over many updates is right:
 * `noise` is new for every update (converter noise), `node` is the same for all updates of a node
 * (mismatch), `common` is the same for all (an absolute capacitance, a reference).
 */
export interface Measured {
  readonly value: number;
  readonly noiseSigma: number;
  readonly nodeSigma: number;
  readonly commonSigma: number;
}

/** The sum of values that share node and common causes: those parts add, noise adds in squares. */
export function sumOnOneNode(values: readonly Measured[]): Measured {
  let value = 0;
  let noiseSquared = 0;
  let nodeSigma = 0;
  let commonSigma = 0;
  for (const one of values) {
    value += one.value;
    noiseSquared += one.noiseSigma * one.noiseSigma;
    nodeSigma += one.nodeSigma;
    commonSigma += one.commonSigma;
  }
  return { value, noiseSigma: Math.sqrt(noiseSquared), nodeSigma, commonSigma };
}
