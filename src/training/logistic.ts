import type { Samples } from './data-set.ts';

/** Weights of a logistic model: one a feature, then the bias. Length: features + 1. */
export type Weights = Float64Array;

export interface Evaluation {
  /** Share of samples on the right side, 0 to 1. */
  readonly accuracy: number;
  /** Mean cross-entropy, nats. */
  readonly loss: number;
}

/** Accuracy and loss of the model over samples. */
export function evaluate({ inputs, labels }: Samples, weights: Weights): Evaluation {
  let right = 0;
  let loss = 0;
  inputs.forEach((input, index) => {
    const margin = labels[index] === 1 ? logit(input, weights) : -logit(input, weights);
    if (margin > 0) right += 1;
    loss += softplus(-margin);
  });
  return { accuracy: right / inputs.length, loss: loss / inputs.length };
}

/** Gradient of the mean cross-entropy over the samples at `indices`, per model weight. */
export function gradient(
  { inputs, labels }: Samples,
  indices: readonly number[],
  weights: Weights,
): Float64Array {
  const sum = new Float64Array(weights.length);
  for (const index of indices) {
    const input = inputs[index];
    if (input === undefined) continue;
    const error = 1 / (1 + Math.exp(-logit(input, weights))) - (labels[index] ?? 0);
    for (let k = 0; k < input.length; k += 1) sum[k] = (sum[k] ?? 0) + error * (input[k] ?? 0);
    sum[input.length] = (sum[input.length] ?? 0) + error;
  }
  return sum.map((value) => value / indices.length);
}

function logit(input: Float64Array, weights: Weights): number {
  let sum = weights[input.length] ?? 0;
  for (let k = 0; k < input.length; k += 1) sum += (input[k] ?? 0) * (weights[k] ?? 0);
  return sum;
}

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
