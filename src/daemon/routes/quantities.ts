import * as z from 'zod';
import type { estimators } from '../../../calibration/physics/energy.ts';
import { boundNames } from '../../ledger/bounds.ts';
import type { Statistic } from '../../ledger/measured-total.ts';

export const count = z.int().min(0);

/** Nanoseconds since 1970, in digits: beyond what a JSON number holds. */
export const wallNs = z.string().regex(/^\d{1,19}$/, 'expected nanoseconds since 1970 as digits');

/** Name of a thing in a path; it is looked up among those that there are. */
export const name = z.string().min(1).max(200);

export const statistic: z.ZodType<Statistic> = z
  .strictObject({ mean: z.number().nullable(), sigma: z.number().nullable(), total: z.number() })
  .meta({ id: 'Statistic', description: 'Mean, sigma of the mean, and sum over updates' });

export const byEstimator = z.strictObject({
  'full-cycle': statistic,
  'half-cv2': statistic,
  tunneling: statistic,
} satisfies Record<(typeof estimators)[number], z.ZodType>);

export const byCharge = z.strictObject({ tunneled: statistic, driven: statistic });

export const boundName = z.enum(boundNames);

export const perBound = <T extends z.ZodType>(of: T) => z.record(boundName, of);
