import * as z from 'zod';
import type { LabEvent } from '../lab.ts';
import { boardStatus, linkStatistics } from './boards.ts';
import { curveFields } from './curve.ts';
import { jobSchema } from './jobs.ts';
import { count, name } from './quantities.ts';
import { noJson, route } from './route.ts';

export const eventKinds = [
  'step',
  'updates',
  'link',
  'board',
  'job',
] as const satisfies readonly LabEvent['kind'][];
export type EventKind = (typeof eventKinds)[number];

const step = z.strictObject({
  kind: z.literal('step'),
  board: z.string(),
  job: z.string(),
  runId: z.string(),
  ...curveFields,
  updates: count,
  timeNs: z.string(),
});

const updates = z.strictObject({
  kind: z.literal('updates'),
  board: z.string(),
  runId: z.string(),
  updates: z
    .array(
      z.strictObject({
        update: count,
        cell: count,
        kind: z.enum(['SET', 'RESET']),
        energyFJ: z.number(),
        weightAfterV: z.number().nullable(),
      }),
    )
    .readonly(),
});

/** What the `data` of a server-sent event of the same name holds. */
export const labEvent: z.ZodType<LabEvent> = z
  .discriminatedUnion('kind', [
    step,
    updates,
    z.strictObject({ kind: z.literal('link'), board: z.string(), link: linkStatistics }),
    z.strictObject({ kind: z.literal('board'), board: boardStatus }),
    z.strictObject({ kind: z.literal('job'), job: jobSchema }),
  ])
  .meta({ id: 'LabEvent' });

/** Of the event `missed`: how many events came while this reader was not reading; null where nobody knows. */
export const missedSchema = z.strictObject({ missed: count.nullable() }).meta({ id: 'Missed' });

const kindList = z
  .string()
  .max(200)
  .refine((text) => text.split(',').every((kind) => (eventKinds as readonly string[]).includes(kind)), {
    message: `expected kinds of ${eventKinds.join(', ')} with commas between them`,
  });

export const eventRoutes = {
  events: route({
    method: 'get',
    path: '/events',
    tag: 'events',
    summary:
      'Server-sent events: each is named by its kind, holds a LabEvent and has an id that Last-Event-ID takes; `missed` says how many a slow reader has lost',
    role: 'read',
    query: z.strictObject({ board: name.optional(), job: name.optional(), kinds: kindList.optional() }),
    answer: noJson,
    media: ['text/event-stream'],
  }),
};
