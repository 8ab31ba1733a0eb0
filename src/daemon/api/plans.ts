import type { Lab } from '../lab.ts';
import type { planRoutes } from '../routes/plans.ts';
import type { CalibrationShelf } from './calibration-shelf.ts';
import { experimentOf } from './experiment-of.ts';
import type { Handlers } from './mount.ts';

export const planHandlers = (lab: Lab, calibrations: CalibrationShelf): Handlers<typeof planRoutes> => ({
  planExperiment: ({ body }) => {
    const { board, experiment } = experimentOf(body, lab, calibrations);
    return lab.plan(board, experiment);
  },
});
