import * as z from 'zod';
import { experimentSchema } from '../../config/experiment.ts';
import { name } from './quantities.ts';
import { route } from './route.ts';

const samples = z.strictObject({
  inputs: z.array(z.array(z.number())),
  labels: z.array(z.int().min(0).max(1)),
});

const { trainFraction } = experimentSchema.shape.task.shape;

export const taskRoutes = {
  taskSamples: route({
    method: 'get',
    path: '/tasks/{task}/samples',
    tag: 'tasks',
    summary: 'The data of a task, split and normalized as a run of that seed has it',
    role: 'read',
    params: z.strictObject({ task: name }),
    query: z.strictObject({
      seed: z.coerce.number().pipe(z.int().min(0).max(0x7fffffff)).default(1),
      trainFraction: z.coerce.number().pipe(trainFraction.unwrap()).default(0.7),
    }),
    answer: z.strictObject({
      name: z.string(),
      features: z.array(z.string()).readonly(),
      classes: z.array(z.string()).readonly(),
      train: samples,
      test: samples,
    }),
  }),
};
