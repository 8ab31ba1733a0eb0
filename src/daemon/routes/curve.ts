import * as z from 'zod';
import type { CurvePoint } from '../curve.ts';
import { boundName, count } from './quantities.ts';

/** The fields of a step that curves have, as schemas. */
export const curveFields = {
  step: count,
  trainAccuracy: z.number().nullable(),
  testAccuracy: z.number().nullable(),
  updatesSoFar: count,
  energyPerUpdateFJ: z.number().nullable(),
  boundsPerUpdateZJ: z.partialRecord(boundName, z.number()).nullable(),
};

const curvePoint: z.ZodType<CurvePoint> = z.strictObject(curveFields).meta({
  id: 'CurvePoint',
  description: 'State of a run after a step; energy and bounds are means over all updates so far',
});

/** The course of a run, at most some 1,000 points. */
export const curve = z.array(curvePoint).readonly();
