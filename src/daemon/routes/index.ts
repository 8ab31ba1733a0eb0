import * as z from 'zod';
import { roles } from '../roles.ts';
import { boardRoutes } from './boards.ts';
import { boundRoutes } from './bounds.ts';
import { calibrationRoutes } from './calibrations.ts';
import { eventRoutes } from './events.ts';
import { experimentRoutes } from './experiments.ts';
import { jobRoutes } from './jobs.ts';
import { loanRoutes } from './loans.ts';
import { planRoutes } from './plans.ts';
import { route } from './route.ts';
import { runRoutes } from './runs.ts';
import { sessionRoutes } from './sessions.ts';
import { taskRoutes } from './tasks.ts';

/** All that the daemon may be asked, by name. */
export const routes = {
  about: route({
    method: 'get',
    path: '/about',
    tag: 'daemon',
    summary: 'Version and health of the daemon, and where it ships runs to',
    role: 'read',
    answer: z.strictObject({
      version: z.string(),
      commit: z.string().nullable(),
      node: z.string(),
      caller: z.strictObject({ name: z.string(), role: z.enum(roles) }).describe('Who asks'),
      isWell: z.boolean(),
      reasons: z.array(z.string()).readonly(),
      influx: z.string().nullable().describe('Database that runs are shipped to'),
    }),
  }),
  ...boardRoutes,
  ...jobRoutes,
  ...runRoutes,
  ...calibrationRoutes,
  ...experimentRoutes,
  ...planRoutes,
  ...boundRoutes,
  ...taskRoutes,
  ...sessionRoutes,
  ...loanRoutes,
  ...eventRoutes,
};
