import * as z from 'zod';
import { experimentSchema } from '../config/experiment.ts';
import { readSealed, spellSealed } from '../config/sealed.ts';
import { type ErrorCode, errorKinds } from '../core/errors.ts';
import { jobStates } from './lab.ts';

/** Raise it when the content changes in a way that a reader must know of. */
const SCHEMA_VERSION = 1;

const kept = z.strictObject({
  id: z.string().min(1),
  board: z.string().min(1),
  experiment: experimentSchema,
  state: z.enum(jobStates),
  reason: z.string().nullable(),
  code: z.enum(Object.keys(errorKinds) as [ErrorCode, ...ErrorCode[]]).optional(),
  runId: z.string().min(1).nullable(),
  askedBy: z.string(),
  askedWallNs: z.string().regex(/^\d+$/),
});
/** A job as it outlives the daemon. */
export type KeptJob = z.infer<typeof kept>;

const content = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  nextId: z.int().min(1),
  /** In the order in which those of a board are done. */
  jobs: z.array(kept),
});
export type JobQueueContent = Omit<z.infer<typeof content>, 'schemaVersion'>;

export const spellJobQueue = (values: JobQueueContent): string =>
  spellSealed({ schemaVersion: SCHEMA_VERSION, ...values });

/** Reads a job file; a sentence about what is wrong with it where it is not one that fnloop wrote. */
export const readJobQueue = (text: string): JobQueueContent | string =>
  readSealed(text, content, SCHEMA_VERSION);
