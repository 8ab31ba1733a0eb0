import * as z from 'zod';
import type { EpochPlan } from '../../training/epoch-plan.ts';
import type { PlannedPart } from '../../training/planned-part.ts';
import { experimentRequest } from './jobs.ts';
import { byCharge, byEstimator, count } from './quantities.ts';
import { route } from './route.ts';

const range = z.strictObject({ min: z.number(), max: z.number() });
const wireBytes = z.strictObject({ toBoard: count, toHost: count });

const part: z.ZodType<PlannedPart> = z
  .strictObject({
    updates: count,
    pulses: count,
    batches: count,
    slots: count,
    clipped: count,
    boardTimeS: z.number(),
    wireBytes,
    energyFJ: byEstimator,
    chargeFC: byCharge,
  })
  .meta({ id: 'PlannedPart' });

const plan: z.ZodType<EpochPlan> = z
  .strictObject({
    boardId: z.string(),
    source: z.enum(['board', 'mock']),
    seed: z.number(),
    task: z.string(),
    policy: z.string(),
    steps: count,
    stepsOfExperiment: count,
    cells: z.strictObject({ used: count, onBoard: count }),
    weightV: range,
    nodeV: range,
    validNodeV: range,
    setUpWireBytes: wireBytes,
    bringUp: part,
    training: part,
    stress: z
      .array(
        z.strictObject({
          name: z.string(),
          worst: z.number(),
          unit: z.string(),
          limit: z.number().nullable(),
          share: z.number().nullable(),
          node: z.string().nullable(),
        }),
      )
      .readonly(),
    problems: z.array(z.string()).readonly(),
  })
  .meta({ id: 'EpochPlan' });

export const planRoutes = {
  planExperiment: route({
    method: 'post',
    path: '/plans',
    tag: 'plans',
    summary: 'What one epoch of an experiment would send and cost; reads the board, changes nothing',
    role: 'read',
    body: experimentRequest,
    takesYaml: true,
    answer: plan,
  }),
};
