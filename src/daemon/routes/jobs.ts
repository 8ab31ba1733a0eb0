import * as z from 'zod';
import { experimentSchema } from '../../config/experiment.ts';
import { type ErrorCode, errorKinds } from '../../core/errors.ts';
import { type Job, type JobProgress, jobStates } from '../lab.ts';
import { curve } from './curve.ts';
import { boundName, count, name, wallNs } from './quantities.ts';
import { route } from './route.ts';

const boundsPerUpdateZJ = z.partialRecord(boundName, z.number()).nullable();

const progress: z.ZodType<JobProgress> = z
  .strictObject({
    step: count,
    steps: count,
    updates: count,
    testAccuracy: z.number().nullable(),
    energyPerUpdateFJ: z.number().nullable(),
    boundsPerUpdateZJ,
    updatesPerS: z.number(),
    backlogRows: count.nullable(),
  })
  .meta({ id: 'JobProgress' });

/** An experiment with all its defaults. */
export const wholeExperiment = experimentSchema.meta({ id: 'Experiment' });

export const jobSchema: z.ZodType<Job> = z
  .strictObject({
    id: z.string(),
    board: z.string(),
    experiment: wholeExperiment,
    state: z.enum(jobStates),
    reason: z.string().nullable(),
    code: z
      .enum(Object.keys(errorKinds) as [ErrorCode, ...ErrorCode[]])
      .optional()
      .describe('Of the error that ended it'),
    runId: z.string().nullable(),
    askedBy: z.string(),
    askedWallNs: wallNs,
    progress: progress.nullable(),
  })
  .meta({ id: 'Job' });

/** An experiment by the name of a shipped one or written out, with changes to it. */
export const experimentRequest = z
  .strictObject({
    board: name.describe('Its name in the daemon; its address replaces that of the experiment'),
    experiment: z
      .union([name, z.record(z.string(), z.unknown())])
      .describe(
        'Name of a shipped experiment, or an experiment; `calibration` is the name of one of the daemon',
      ),
    overrides: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('Merged into the experiment as in RFC 7396: null removes a key'),
  })
  .meta({ id: 'ExperimentRequest' });

export type ExperimentRequest = z.infer<typeof experimentRequest>;

const params = z.strictObject({ job: name });
const tag = 'jobs';

const onJob = (verb: string, summary: string) =>
  route({
    method: 'post',
    path: `/jobs/{job}/${verb}`,
    tag,
    summary,
    role: 'run',
    params,
    answer: jobSchema,
  });

export const jobRoutes = {
  listJobs: route({
    method: 'get',
    path: '/jobs',
    tag,
    summary: 'Queued, running and ended jobs, those of a board in their order',
    role: 'read',
    query: z.strictObject({ board: name.optional(), state: z.enum(jobStates).optional() }),
    answer: z.array(jobSchema).readonly(),
  }),
  oneJob: route({
    method: 'get',
    path: '/jobs/{job}',
    tag,
    summary: 'One job',
    role: 'read',
    params,
    answer: jobSchema,
  }),
  jobCurve: route({
    method: 'get',
    path: '/jobs/{job}/curve',
    tag,
    summary:
      'The course of a job, or of an open session, since this daemon has it, thinned out; empty before its first step',
    role: 'read',
    params,
    answer: curve,
  }),
  submitJob: route({
    method: 'post',
    path: '/jobs',
    tag,
    summary: 'Queues an experiment on a board',
    role: 'run',
    body: experimentRequest,
    takesYaml: true,
    answer: jobSchema,
  }),
  orderJob: route({
    method: 'post',
    path: '/jobs/{job}/order',
    tag,
    summary: 'Moves a queued job before another of its board, or to the end',
    role: 'run',
    params,
    body: z.strictObject({ before: name.nullable() }),
    answer: jobSchema,
  }),
  pauseJob: onJob('pause', 'Pauses a run after the batch in flight'),
  resumeJob: onJob('resume', 'Lets a paused or interrupted run go on'),
  stopJob: onJob('stop', 'Takes a queued job off; ends a running one after the batch in flight'),
};
