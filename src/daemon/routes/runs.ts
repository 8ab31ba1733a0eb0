import * as z from 'zod';
import type { InterruptionSummary } from '../../store/interruptions.ts';
import type { BatchSummary } from '../../store/link-summary.ts';
import type { RunResult } from '../../store/summary.ts';
import { type TableName, tableNames } from '../../store/tables.ts';
import type { cellParts, EnergySum, Waterfall } from '../../store/waterfall.ts';
import { linkStatistics } from './boards.ts';
import { curve } from './curve.ts';
import { boundName, byCharge, byEstimator, count, name, perBound, statistic, wallNs } from './quantities.ts';
import { noJson, route } from './route.ts';

const runStatuses = ['running', 'finished', 'interrupted', 'failed'] as const;

const energySum: z.ZodType<EnergySum> = z.strictObject({
  perUpdateFJ: z.number().nullable(),
  totalFJ: z.number(),
});

const waterfall: z.ZodType<Waterfall> = z
  .strictObject({
    parts: z.strictObject({
      bound: energySum,
      excessTilt: energySum,
      core: energySum,
      drift: energySum,
      drive: energySum,
      verify: energySum,
    } satisfies Record<(typeof cellParts)[number], z.ZodType>),
    cells: statistic,
    reads: energySum.nullable(),
    total: energySum.nullable(),
    board: energySum.nullable(),
    unknownSteps: count,
  })
  .meta({ id: 'Waterfall' });

const batches: z.ZodType<BatchSummary> = z.strictObject({
  executed: count,
  inferred: count,
  unrun: count,
  open: count,
  inferredPulses: count,
  leastConfidence: z.number().nullable(),
});

const interruptions: z.ZodType<InterruptionSummary> = z.strictObject({
  count,
  longestWallS: z.number(),
  longestBoardS: z.number(),
});

/** A summary, but for where its files lie on the daemon's machine. */
export type RunAnswer = RunResult & {
  readonly hasReport: boolean;
  readonly figures: readonly string[];
};

const runAnswer: z.ZodType<RunAnswer> = z
  .strictObject({
    runId: z.string(),
    status: z.enum(runStatuses),
    source: z.enum(['board', 'mock']),
    task: z.string(),
    method: z.string(),
    policy: z.string(),
    calibration: z
      .strictObject({ file: z.string(), measuredToWallNs: wallNs, goodNodes: count, nodes: count })
      .nullable(),
    accuracy: z.strictObject({ train: z.number().nullable(), test: z.number().nullable() }),
    updates: count,
    pulses: count,
    energyFJ: byEstimator,
    chargeFC: byCharge,
    bounds: perBound(z.strictObject({ perUpdateZJ: z.number().nullable(), totalZJ: z.number() })),
    ratio: z.strictObject({
      estimator: z.enum(['full-cycle', 'half-cv2', 'tunneling']),
      bound: boundName,
      value: z.number().nullable(),
      sigma: z.number().nullable(),
      reason: z.string().nullable(),
    }),
    waterfall,
    faults: z.array(z.string()).readonly(),
    batches,
    interruptions,
    link: linkStatistics,
    boardTimeS: z.number(),
    wallTimeS: z.number(),
    hasReport: z.boolean(),
    figures: z.array(z.string()).readonly(),
  })
  .meta({ id: 'Run' });

const runListed = z
  .strictObject({
    runId: z.string(),
    /** Null for a file that cannot be read now. */
    status: z.enum(runStatuses).nullable(),
    source: z.enum(['board', 'mock']).nullable(),
    board: z.string().nullable(),
    task: z.string().nullable(),
    policy: z.string().nullable(),
    startedWallNs: wallNs.nullable(),
    testAccuracy: z.number().nullable(),
    updates: count.nullable(),
    energyPerUpdateFJ: z.number().nullable(),
    matchedPerUpdateZJ: z.number().nullable(),
    unreadable: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  })
  .meta({ id: 'RunListed' });
export type RunListed = z.infer<typeof runListed>;

const params = z.strictObject({ run: name });
const tag = 'runs';
const wholeNumber = (min: number, max: number) => z.coerce.number().pipe(z.int().min(min).max(max));

/** Forms of a table's data, by media type. */
export const tableMedia = {
  json: 'application/json',
  csv: 'text/csv',
  parquet: 'application/vnd.apache.parquet',
  arrow: 'application/vnd.apache.arrow.stream',
} as const;
export type TableForm = keyof typeof tableMedia;
export const tableForms = Object.keys(tableMedia) as TableForm[];

/** Most rows of one page of JSON. */
export const MOST_ROWS = 10_000;

export const runRoutes = {
  listRuns: route({
    method: 'get',
    path: '/runs',
    tag,
    summary: 'Recorded runs, newest first; the next page begins before the last of this one',
    role: 'read',
    query: z.strictObject({
      text: name.optional().describe('in the run id'),
      status: z.enum(runStatuses).optional(),
      source: z.enum(['board', 'mock']).optional(),
      board: name.optional(),
      task: name.optional(),
      policy: name.optional(),
      before: name.optional(),
      limit: wholeNumber(1, 200).default(50),
    }),
    answer: z.array(runListed).readonly(),
  }),
  oneRun: route({
    method: 'get',
    path: '/runs/{run}',
    tag,
    summary: 'The result of one run; `last` is the newest',
    role: 'read',
    params,
    answer: runAnswer,
  }),
  runCurve: route({
    method: 'get',
    path: '/runs/{run}/curve',
    tag,
    summary: 'The course of an ended run: accuracy, energy and bounds over its steps, thinned out',
    role: 'read',
    params,
    answer: curve,
  }),
  runTable: route({
    method: 'get',
    path: '/runs/{run}/tables/{table}',
    tag,
    summary:
      'Rows of a table: JSON by pages; CSV, Parquet (zstd) or an Arrow stream of all. The form is that of `form`, else of Accept',
    role: 'read',
    params: z.strictObject({ run: name, table: z.enum(tableNames as [TableName, ...TableName[]]) }),
    query: z.strictObject({
      form: z.enum(tableForms as [TableForm, ...TableForm[]]).optional(),
      offset: wholeNumber(0, 2 ** 48).default(0),
      limit: wholeNumber(1, MOST_ROWS).default(1_000),
    }),
    answer: z
      .strictObject({
        runId: z.string(),
        table: z.string(),
        total: count,
        offset: count,
        /** Nanoseconds are digits, JSON columns texts. */
        rows: z.array(z.record(z.string(), z.union([z.number(), z.string(), z.null()]))),
      })
      .meta({ id: 'TablePage' }),
    media: [tableMedia.csv, tableMedia.parquet, tableMedia.arrow],
  }),
  runReport: route({
    method: 'get',
    path: '/runs/{run}/report',
    tag,
    summary: 'The report as one page without scripts; by a token, or by a ticket in the query',
    role: 'read',
    params,
    query: z.strictObject({ ticket: name.optional() }),
    answer: noJson,
    media: ['text/html'],
  }),
  reportTicket: route({
    method: 'post',
    path: '/runs/{run}/report/ticket',
    tag,
    summary:
      'A link to the report that needs no token for a minute: browsers send none where they open a link',
    role: 'read',
    params,
    answer: z.strictObject({ path: z.string(), validS: count }),
  }),
  runFigure: route({
    method: 'get',
    path: '/runs/{run}/figures/{figure}',
    tag,
    summary: 'A figure of the report, by its name in `figures` of the run',
    role: 'read',
    params: params.extend({ figure: name }),
    answer: noJson,
    media: ['image/svg+xml'],
  }),
};
