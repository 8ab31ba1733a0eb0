import type { Experiment } from '../../config/experiment.ts';
import { readShipped, shippedExperiments } from '../../config/experiment-file.ts';
import type { experimentRoutes } from '../routes/experiments.ts';
import type { Handlers } from './mount.ts';

/** They come with the program, and are read once. */
export function experimentHandlers(): Handlers<typeof experimentRoutes> {
  let shipped: { readonly name: string; readonly experiment: Experiment }[] | undefined;
  return {
    listExperiments: () => {
      shipped ??= shippedExperiments().map((name) => ({ name, experiment: readShipped(name) }));
      return shipped;
    },
  };
}
