import * as z from 'zod';
import { wholeExperiment } from './jobs.ts';
import { route } from './route.ts';

export const experimentRoutes = {
  listExperiments: route({
    method: 'get',
    path: '/experiments',
    tag: 'experiments',
    summary: 'The experiments that come with fnloop, by name',
    role: 'read',
    answer: z.array(z.strictObject({ name: z.string(), experiment: wholeExperiment })).readonly(),
  }),
};
