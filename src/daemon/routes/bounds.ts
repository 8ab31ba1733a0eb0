import * as z from 'zod';
import { models } from '../../../calibration/models.ts';
import { boundName, name, perBound } from './quantities.ts';
import { route } from './route.ts';

const positive = z.coerce.number().pipe(z.number().positive()).optional();
const provenance = z.enum(['defined', 'published', 'derived', 'assumed', 'given']);

const cost = {
  perUpdateJ: z.number(),
  perUpdateKT: z.number(),
  totalJ: z.number(),
  totalKWh: z.number(),
  overMatched: z.number().nullable(),
};

const projection = z.strictObject({
  runId: z.string(),
  source: z.enum(['board', 'mock']),
  updates: z.number(),
  lines: z
    .array(
      z.strictObject({
        name: z.string(),
        perUpdateJ: z.number(),
        perUpdateSigmaJ: z.number().nullable(),
        totalJ: z.number(),
        interval: z.strictObject({ fromJ: z.number(), toJ: z.number() }).nullable(),
        overMatched: z.strictObject({ value: z.number(), sigma: z.number().nullable() }).nullable(),
      }),
    )
    .readonly(),
  assumptions: z.array(z.string()).readonly(),
});

const comparison = z
  .strictObject({
    training: z.strictObject({
      title: z.string(),
      source: z.string().nullable(),
      parameters: z.number(),
      operations: z.number(),
      updatesPerParameter: z.number(),
      ratePerS: z.number(),
    }),
    bounds: perBound(z.strictObject({ formula: z.string(), ...cost })),
    accelerators: z
      .array(z.strictObject({ name: z.string(), provenance, source: z.string(), ...cost }))
      .readonly(),
    projection: projection.nullable(),
    assumptions: z
      .array(
        z.strictObject({
          name: z.string(),
          label: z.string(),
          unit: z.string(),
          value: z.number(),
          provenance,
          changed: z
            .strictObject({ to: z.number(), effects: z.partialRecord(boundName, z.number().nullable()) })
            .nullable(),
        }),
      )
      .readonly(),
    publishedBand: z.strictObject({
      parameters: z.number(),
      minJ: z.number(),
      maxJ: z.number(),
      provenance,
      source: z.string(),
      operations: z.number(),
      operationsProvenance: provenance,
      centerJ: z.number(),
      bounds: perBound(
        z.strictObject({ totalJ: z.number(), overCenter: z.number(), isInBand: z.boolean() }),
      ).nullable(),
      meaning: z.string(),
    }),
    warnings: z.array(z.string()).readonly(),
  })
  .meta({ id: 'BoundComparison' });

/** What replaces an assumption, under the names that `calibration/bounds/assumptions.ts` has. */
export const assumptionsGiven = z.strictObject({
  bits: positive,
  temperatureK: positive,
  retentionS: positive,
  rateMaxPerS: positive,
  trainingS: positive,
  rateRatio: positive,
  exponent: positive,
  errorRate: positive,
});

export const boundRoutes = {
  bounds: route({
    method: 'get',
    path: '/bounds',
    tag: 'bounds',
    summary:
      'The least energy that training a model can cost; beside what a run of this daemon would take for it',
    role: 'read',
    query: assumptionsGiven.extend({
      model: z.enum(Object.keys(models) as [string, ...string[]]).optional(),
      parameters: positive,
      operations: positive,
      converterBits: positive,
      run: name.optional(),
    }),
    answer: comparison,
  }),
};
