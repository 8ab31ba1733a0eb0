import * as z from 'zod';
import { devices } from '../../calibration/devices.ts';
import { readDocument } from './document.ts';
import { accountingSchema, budgetSchema } from './experiment.ts';

/** A settings file of `fnloop calibrate`; every key may be left out, and the command line wins. */
export const calibrateSchema = z.strictObject({
  board: z.string().min(1).max(2_000).optional(),
  device: z.enum(Object.keys(devices) as [string, ...string[]]).default('dam-a'),
  /** Names the run, and the mock of an address that states none. */
  seed: z.int().min(0).max(0x7fffffff).default(1),
  /** Relative sigmas at which the measurement may end. */
  target: z
    .strictObject({
      k2Rel: z.number().positive().max(1).default(0.001),
      /** Of the response to a pulse of 3 V and 50 ms. */
      responseRel: z.number().positive().max(1).default(0.005),
    })
    .prefault({}),
  limits: z
    .strictObject({
      maxAmplitudeV: z.number().positive().max(20).default(5),
      maxWidthS: z.number().positive().max(3600).default(0.2),
      maxBoardTimeS: z.number().positive().max(1e7).default(3600),
      /** No node is to fall below; absent: the least at which the device's model holds. */
      minNodeV: z.number().positive().max(20).optional(),
      maxPulsesPerNode: z.int().min(1).max(1000).default(100),
    })
    .prefault({}),
  budget: budgetSchema.optional(),
  /** How long the calibration is trusted. */
  validForDays: z.number().positive().max(3650).default(30),
  accounting: accountingSchema,
});

export type CalibrateSettings = z.infer<typeof calibrateSchema>;

/** Reads a settings file; without one, all defaults. Throws `file-missing`, or `config-invalid` with every problem. */
export const readCalibrateSettings = (path: string | undefined): CalibrateSettings =>
  path === undefined ? calibrateSchema.parse({}) : readDocument(path, calibrateSchema);
