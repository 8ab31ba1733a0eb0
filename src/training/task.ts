import type { Experiment } from '../config/experiment.ts';
import { FnloopError } from '../core/errors.ts';
import { type Random, shuffled } from '../core/random.ts';
import type { DataSet, Samples } from './data-set.ts';
import { readBreastCancer } from './tasks/breast-cancer.ts';

/** A binary classification task, split and normalized. */
export interface Task {
  readonly name: string;
  readonly features: readonly string[];
  readonly classes: readonly [string, string];
  readonly train: Samples;
  readonly test: Samples;
}

const dataSets: Readonly<Record<Experiment['task']['name'], () => DataSet>> = {
  'breast-cancer': readBreastCancer,
};

/** Splits the data set at random and z-scores every feature by the training part's mean and deviation. */
export function loadTask({ name, trainFraction }: Experiment['task'], random: Random): Task {
  const { inputs, labels, features, classes } = dataSets[name]();
  const order = shuffled([...inputs.keys()], random);
  const trainCount = Math.round(trainFraction * order.length);
  const part = (indices: readonly number[]): Samples => ({
    inputs: indices.map((index) => at(inputs, index)),
    labels: indices.map((index) => at(labels, index)),
  });
  const train = part(order.slice(0, trainCount));
  const test = part(order.slice(trainCount));
  const normalize = zScoreOf(train.inputs, features);
  const normalized = (samples: Samples): Samples => ({ ...samples, inputs: samples.inputs.map(normalize) });
  return { name, features, classes, train: normalized(train), test: normalized(test) };
}

function zScoreOf(inputs: readonly Float64Array[], features: readonly string[]) {
  const scales = features.map((feature, index) => {
    const values = inputs.map((input) => input[index] ?? Number.NaN);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    if (deviation > 0) return { mean, deviation };
    throw new FnloopError(
      'config-invalid',
      `The feature '${feature}' is constant in the training part and cannot be normalized.`,
    );
  });
  return (input: Float64Array) =>
    input.map((value, index) => (value - at(scales, index).mean) / at(scales, index).deviation);
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined)
    throw new FnloopError('invariant', `Index ${index} is outside 0 to ${items.length - 1}.`);
  return item;
}
