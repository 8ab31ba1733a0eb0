import type { Experiment } from '../../src/config/experiment.ts';
import { seededRandom } from '../../src/core/random.ts';
import { DataOrder } from '../../src/training/data-order.ts';
import { type Evaluation, evaluate, gradient } from '../../src/training/logistic.ts';
import { loadTask } from '../../src/training/task.ts';

/**
 * The training of an experiment with weights in floating point: same split, order of samples, gradient and number of steps,
 * and its learning rate throughout, from weights of 0. On the held-out part.
 */
export function trainedInFloat({ seed, task: settings, method }: Experiment): Evaluation {
  const task = loadTask(settings, seededRandom(seed, 'split'));
  const samples = task.train.labels.length;
  const order = new DataOrder({ samples, batchSize: method.batchSize ?? samples, seed });
  const weights = new Float64Array(task.features.length + 1);
  for (let step = 1; step <= method.steps; step += 1) {
    const slope = gradient(task.train, order.next().indices, weights);
    for (const [k, value] of slope.entries()) weights[k] = (weights[k] ?? 0) - method.learningRate * value;
  }
  return evaluate(task.test, weights);
}
