import * as z from 'zod';
import { calibrationSchema } from '../../chip/calibration.ts';
import { count, name, wallNs } from './quantities.ts';
import { route } from './route.ts';

const listed = z
  .strictObject({
    name: z.string().describe('What experiments call it'),
    boardId: z.string(),
    device: z.string(),
    measuredToWallNs: wallNs,
    expiresWallNs: wallNs,
    isExpired: z.boolean(),
    nodes: count,
    goodNodes: count,
    /** A sentence where the file cannot be used; all else is then empty. */
    unusable: z.string().nullable(),
  })
  .meta({ id: 'CalibrationListed' });

const tag = 'calibrations';

export const calibrationRoutes = {
  listCalibrations: route({
    method: 'get',
    path: '/calibrations',
    tag,
    summary: 'Calibrations beside the runs',
    role: 'read',
    answer: z.array(listed).readonly(),
  }),
  oneCalibration: route({
    method: 'get',
    path: '/calibrations/{calibration}',
    tag,
    summary: 'One calibration: fits and verdicts of all nodes, without the raw points',
    role: 'read',
    params: z.strictObject({ calibration: name }),
    answer: calibrationSchema.omit({ points: true }).meta({ id: 'Calibration' }),
  }),
};

export type CalibrationListed = z.infer<typeof listed>;
