import { type Random, shuffled } from '../core/random.ts';

export interface Minibatch {
  /** Passes over the training part that were begun, from 1. */
  readonly epoch: number;
  readonly indices: readonly number[];
}

/** Endless minibatches: each epoch is a new random order, and its last batch may be short. */
export function* minibatches(
  samples: number,
  batchSize: number,
  random: Random,
): Generator<Minibatch, never> {
  for (let epoch = 1; ; epoch += 1) {
    const order = shuffled(
      Array.from({ length: samples }, (_, index) => index),
      random,
    );
    for (let first = 0; first < samples; first += batchSize) {
      yield { epoch, indices: order.slice(first, first + batchSize) };
    }
  }
}
