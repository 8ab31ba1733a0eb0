import { join } from 'node:path';
import { createMockBoard, type MockChoices } from '../../mocks/index.ts';
import type { Calibration } from '../../src/chip/calibration.ts';
import { recordOf } from '../../src/chip/calibration-record.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { systemClock } from '../../src/core/clock.ts';
import { seededRandom } from '../../src/core/random.ts';
import { NodeUsage } from '../../src/scheduling/node-usage.ts';
import { RunFile } from '../../src/store/run-file.ts';
import type { Row } from '../../src/store/tables.ts';
import { minibatches } from '../../src/training/data-order.ts';
import { type Evaluation, evaluate, gradient } from '../../src/training/logistic.ts';
import { runExperiment } from '../../src/training/run-experiment.ts';
import { loadTask, type Task } from '../../src/training/task.ts';
import { temporaryFolder } from './folder.ts';
import { boardOn, wireTo } from './wire.ts';

/** Trains an experiment on a fresh mock, over a wire in memory; returns its steps. */
export async function trainedOnMock(
  experiment: Experiment,
  mock: MockChoices,
  calibration?: Calibration,
): Promise<Row<'steps'>[]> {
  const board = await boardOn(wireTo(createMockBoard(mock)));
  const steps: Row<'steps'>[] = [];
  await runExperiment({
    runId: 'run',
    experiment,
    task: taskOf(experiment),
    board,
    calibration: calibration && recordOf({ file: 'c.json', sha256: '', calibration }),
    runFile: await RunFile.create(join(temporaryFolder(), 'run'), systemClock),
    past: new NodeUsage(),
    clock: systemClock,
    signal: new AbortController().signal,
    onStep: ({ step }) => steps.push(step),
  });
  await board.close();
  return steps;
}

/** The same training with weights in floating point: same split, order of samples, gradient, steps and learning rate, from weights of 0. */
export function trainedInFloat(experiment: Experiment, start?: Float64Array): Evaluation {
  const { seed, method } = experiment;
  const task = taskOf(experiment);
  const samples = task.train.labels.length;
  const order = minibatches(samples, method.batchSize ?? samples, seededRandom(seed, 'data-order'));
  const weights = start?.slice() ?? new Float64Array(task.features.length + 1);
  for (let step = 1; step <= method.steps; step += 1) {
    const slope = gradient(task.train, order.next().value.indices, weights);
    slope.forEach((value, k) => {
      weights[k] = (weights[k] ?? 0) - method.learningRate * value;
    });
  }
  return evaluate(task.test, weights);
}

const taskOf = ({ task, seed }: Experiment): Task => loadTask(task, seededRandom(seed, 'split'));
