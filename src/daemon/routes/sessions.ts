import * as z from 'zod';
import { policySchema } from '../../config/policy.ts';
import type { AppliedChange, OutsideChange, Session, SessionWeights } from '../lab.ts';
import { count, name } from './quantities.ts';
import { route } from './route.ts';

const session: z.ZodType<Session> = z
  .strictObject({ id: z.string(), board: z.string(), runId: z.string(), idleMs: z.number() })
  .meta({ id: 'Session' });

const weights: z.ZodType<SessionWeights> = z
  .strictObject({
    cells: z.array(z.strictObject({ cell: count, weightV: z.number() })).readonly(),
    boardTimeUs: z.number(),
  })
  .meta({ id: 'SessionWeights' });

const change: z.ZodType<OutsideChange> = z.strictObject({
  cell: z.int().min(0).max(1_048_575),
  wantedV: z.number().min(-20).max(20),
});

const applied: z.ZodType<AppliedChange> = z
  .strictObject({
    cell: count,
    wantedV: z.number(),
    appliedV: z.number(),
    pulses: count,
    energyFJ: z.number(),
    sigmaFJ: z.number(),
  })
  .meta({ id: 'AppliedChange' });

const params = z.strictObject({ session: name });
const tag = 'sessions';

export const sessionRoutes = {
  openSession: route({
    method: 'post',
    path: '/sessions',
    tag,
    summary:
      'Takes a board into the hands of the client, for a trainer outside; a run file records all of it',
    role: 'run',
    body: z.strictObject({ board: name, cells: z.int().min(1).max(16_384), policy: policySchema }),
    answer: session,
  }),
  sessionWeights: route({
    method: 'get',
    path: '/sessions/{session}/weights',
    tag,
    summary: 'Reads the chip',
    role: 'run',
    params,
    answer: weights,
  }),
  applyChanges: route({
    method: 'post',
    path: '/sessions/{session}/changes',
    tag,
    summary: 'Turns wanted changes into pulses, accounts for them and reads again',
    role: 'run',
    params,
    body: z.strictObject({ changes: z.array(change).min(1).max(16_384) }),
    answer: z.array(applied).readonly(),
  }),
  closeSession: route({
    method: 'delete',
    path: '/sessions/{session}',
    tag,
    summary: 'Gives the board back; its run is finished',
    role: 'run',
    params,
    answer: z.strictObject({ closed: z.literal(true) }),
  }),
};
