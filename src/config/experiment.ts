import * as z from 'zod';
import { assumptions } from '../../calibration/bounds/assumptions.ts';
import { devices } from '../../calibration/devices.ts';
import { policySchema } from './policy.ts';

const logistic = z.strictObject({
  name: z.literal('logistic'),
  /** Model weight that one volt of cell weight stands for, 1/V. */
  weightPerVolt: z.number().positive().max(1e4),
});

const gradient = z.strictObject({
  name: z.literal('gradient'),
  steps: z.int().min(1).max(1_000_000),
  /** Weight change per unit of gradient at the start of the run; the cells' hardening lowers it from there. */
  learningRate: z.number().positive().max(100),
  /** Samples a step; absent: the whole training part. */
  batchSize: z.int().min(1).optional(),
});

/** The most that any one floating-gate node may receive in its life, over all runs. */
export const budgetSchema = z.strictObject({
  pulsesPerNode: z.int().min(1).optional(),
  /** Sum of amplitude times width, V s. */
  voltSecondsPerNode: z.number().positive().optional(),
  /** Charge that its pulses tunneled, fC. */
  chargeFCPerNode: z.number().positive().optional(),
});

/** Parameters of the lower bounds that updates are compared with. */
export const accountingSchema = z
  .strictObject({
    /** Resolution rewritten by an update, for the Landauer bound. */
    bits: z.number().min(1).max(24).default(14),
    temperatureK: z.number().positive().max(1000).default(300),
    /** ln(R_max/R_0) and p of the matched bound's barrier schedule. */
    logRateRatio: z.number().min(0).default(0),
    exponent: z.number().positive().default(1),
    /** How long a fixed barrier keeps what was written (tau, s), and the attempt rate over no barrier (R_max, 1/s). */
    retentionS: z.number().min(1e-6).max(1e12).default(assumptions.retentionS.value),
    rateMaxPerS: z.number().min(1e7).max(1e18).default(assumptions.rateMaxPerS.value),
    /** eps: probability of a step in the wrong direction, for the recycled bound. */
    errorRate: z.number().positive().max(0.49).default(assumptions.errorRate.value),
  })
  .prefault({});

/** An experiment file: everything that decides a run besides the chip itself. */
export const experimentSchema = z.strictObject({
  board: z.string().min(1).max(2_000),
  device: z.enum(Object.keys(devices) as [string, ...string[]]),
  /** File that `fnloop calibrate` wrote, relative to the working directory; absent: nominal parameters. */
  calibration: z.string().min(1).max(4_096).optional(),
  seed: z.int().min(0).max(0x7fffffff).default(1),
  task: z.strictObject({
    name: z.enum(['breast-cancer']),
    trainFraction: z.number().min(0.1).max(0.9).default(0.7),
  }),
  model: logistic,
  method: gradient,
  policy: policySchema,
  timing: z
    .strictObject({
      /** Gives batches start times on the board's clock, the first of each step so long after now, ms. */
      leadMs: z.number().min(1).max(2_000),
    })
    .optional(),
  budget: budgetSchema.optional(),
  accounting: accountingSchema,
});

export type Experiment = z.infer<typeof experimentSchema>;
export type BudgetSettings = NonNullable<Experiment['budget']>;
