import { describe, expect, test } from 'vitest';
import { findWeightSign } from '../../../src/chip/weight-sign.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { DataOrder } from '../../../src/training/data-order.ts';
import { evaluate, gradient } from '../../../src/training/logistic.ts';
import { loadTask } from '../../../src/training/task.ts';

describe('task breast-cancer', () => {
  const load = (seed: number) =>
    loadTask({ name: 'breast-cancer', trainFraction: 0.7 }, seededRandom(seed, 'split'));

  test('is 569 samples of 30 features, split 70/30 by the seed', () => {
    const { train, test: held, features } = load(1);
    expect([train.labels.length, held.labels.length, features.length]).toEqual([398, 171, 30]);
    expect(train.labels.filter(Boolean).length + held.labels.filter(Boolean).length).toBe(357);
    expect(load(1).train.labels).toEqual(train.labels);
    expect(load(2).train.labels).not.toEqual(train.labels);
  });

  test('is z-scored by its training part', () => {
    const { inputs } = load(3).train;
    for (let feature = 0; feature < 30; feature += 1) {
      const values = inputs.map((input) => input[feature] ?? Number.NaN);
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      expect(mean).toBeCloseTo(0, 10);
      expect(variance).toBeCloseTo(1, 10);
    }
  });
});

describe('logistic model', () => {
  const samples = {
    inputs: [Float64Array.of(1, 2), Float64Array.of(-0.5, 0.3), Float64Array.of(0.1, -2)],
    labels: [1, 0, 1],
  };
  const weights = Float64Array.of(0.3, -0.2, 0.05);

  test('its gradient is the slope of its loss', () => {
    const slope = gradient(samples, [0, 1, 2], weights);
    weights.forEach((_, index) => {
      const shifted = (by: number) =>
        evaluate(
          samples,
          weights.map((value, k) => (k === index ? value + by : value)),
        ).loss;
      expect(slope[index]).toBeCloseTo((shifted(1e-6) - shifted(-1e-6)) / 2e-6, 8);
    });
  });

  test('accuracy counts the right side', () => {
    expect(evaluate(samples, Float64Array.of(0, 0, 1)).accuracy).toBeCloseTo(2 / 3, 12);
  });
});

test('minibatches pass over every sample once an epoch', () => {
  const order = new DataOrder({ samples: 10, batchSize: 4, seed: 1 });
  const drawn = Array.from({ length: 6 }, () => order.next());
  expect(drawn.map(({ epoch, indices }) => [epoch, indices.length])).toEqual([
    [1, 4],
    [1, 4],
    [1, 2],
    [2, 4],
    [2, 4],
    [2, 2],
  ]);
  for (const epoch of [1, 2]) {
    const seen = drawn.filter((batch) => batch.epoch === epoch).flatMap(({ indices }) => indices);
    expect(seen.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  }
});

test('an order goes on from its state, after any minibatch, in this epoch and the next', () => {
  const parts = { samples: 10, batchSize: 4, seed: 3 };
  const whole = new DataOrder(parts);
  const all = Array.from({ length: 12 }, () => whole.next());
  for (let taken = 0; taken < 9; taken += 1) {
    const first = new DataOrder(parts);
    for (let step = 0; step < taken; step += 1) first.next();
    const second = new DataOrder(parts, JSON.parse(JSON.stringify(first.state)));
    expect(Array.from({ length: 12 - taken }, () => second.next())).toEqual(all.slice(taken));
  }
});

describe('the sign of the weight', () => {
  const moved = (responses: readonly number[]) =>
    responses.map((response, cell) => ({
      cell,
      before: { setNodeV: 8.5, resetNodeV: 8.5 },
      after: { setNodeV: 8.4997, resetNodeV: 8.4997 + response },
      driftV: 0,
    }));
  const sigmaV = 11.4e-6;

  test('is what SET does', () => {
    expect(findWeightSign(moved(Array(31).fill(58e-6)), sigmaV).sign).toBe(1);
    expect(findWeightSign(moved(Array(31).fill(-58e-6)), sigmaV).sign).toBe(-1);
  });

  test('cells that go the other way are named, and not trained', () => {
    expect(() => findWeightSign(moved([...Array(20).fill(58e-6), -58e-6]), sigmaV)).toThrow(
      expect.objectContaining({
        code: 'chip-unfit',
        message: expect.stringContaining('the weights of cells 20 the other way'),
      }),
    );
  });

  test('is not guessed where nothing moves', () => {
    expect(() => findWeightSign(moved(Array(31).fill(1e-6)), sigmaV)).toThrow(
      expect.objectContaining({
        code: 'chip-unfit',
        message: expect.stringMatching(/by 1.0 uV on average, 0.3 sigma/),
      }),
    );
  });
});
