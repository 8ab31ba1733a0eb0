import { experimentSchema } from '../../config/experiment.ts';
import { FnloopError } from '../../core/errors.ts';
import { seededRandom } from '../../core/random.ts';
import type { Samples } from '../../training/data-set.ts';
import { loadTask } from '../../training/task.ts';
import type { taskRoutes } from '../routes/tasks.ts';
import type { Handlers } from './mount.ts';

const { name: taskNames } = experimentSchema.shape.task.shape;

export const taskHandlers = (): Handlers<typeof taskRoutes> => ({
  taskSamples: ({ params, query: { seed, trainFraction } }) => {
    const named = taskNames.safeParse(params.task);
    if (!named.success) throw new FnloopError('not-found', 'There is no task of that name.');
    const task = loadTask({ name: named.data, trainFraction }, seededRandom(seed, 'split'));
    return { ...task, train: plain(task.train), test: plain(task.test) };
  },
});

const plain = ({ inputs, labels }: Samples) => ({
  inputs: inputs.map((input) => [...input]),
  labels: [...labels],
});
