import { readShipped, shippedExperiments } from '../../config/experiment-file.ts';
import type { experimentRoutes } from '../routes/experiments.ts';
import type { Handlers } from './mount.ts';

export const experimentHandlers = (): Handlers<typeof experimentRoutes> => ({
  listExperiments: () => shippedExperiments().map((name) => ({ name, experiment: readShipped(name) })),
});
