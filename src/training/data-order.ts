import { type ResumableRandom, seededRandom, shuffled } from '../core/random.ts';

export interface Minibatch {
  /** Passes over the training part that were begun, from 1. */
  readonly epoch: number;
  readonly indices: readonly number[];
}

/** Where an order stands. The order of the present epoch follows from what the random source was at its start. */
export interface DataOrderState {
  /** 0 before the first minibatch. */
  readonly epoch: number;
  /** Samples of the epoch that have been given. */
  readonly given: number;
  readonly random: readonly number[];
}

export interface DataOrderParts {
  readonly samples: number;
  readonly batchSize: number;
  readonly seed: number;
}

/** Endless minibatches: each epoch is a new random order, and its last batch may be short. */
export class DataOrder {
  readonly #parts: DataOrderParts;
  readonly #random: ResumableRandom;
  #epoch = 0;
  #given = 0;
  #atEpochStart: readonly number[];
  #order: readonly number[] = [];

  constructor(parts: DataOrderParts, from?: DataOrderState) {
    this.#parts = parts;
    this.#random = seededRandom(parts.seed, 'data-order', from?.random);
    this.#atEpochStart = this.#random.state;
    if (from === undefined || from.epoch === 0) return;
    this.#begin(from.epoch);
    this.#given = from.given;
  }

  next(): Minibatch {
    if (this.#given >= this.#order.length) this.#begin(this.#epoch + 1);
    const first = this.#given;
    this.#given = Math.min(first + this.#parts.batchSize, this.#order.length);
    return { epoch: this.#epoch, indices: this.#order.slice(first, this.#given) };
  }

  get state(): DataOrderState {
    return { epoch: this.#epoch, given: this.#given, random: this.#atEpochStart };
  }

  #begin(epoch: number): void {
    this.#epoch = epoch;
    this.#given = 0;
    this.#atEpochStart = this.#random.state;
    this.#order = shuffled(
      Array.from({ length: this.#parts.samples }, (_, index) => index),
      this.#random,
    );
  }
}
