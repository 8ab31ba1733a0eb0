import * as z from 'zod';
import { devices } from '../../calibration/devices.ts';
import { parameterNames } from '../../calibration/fit/node-parameters.ts';
import { type Verdict, verdicts } from '../../calibration/fit/verdict.ts';

/** Raise it when the content changes in a way that a reader must know of. */
export const CALIBRATION_VERSION = 1;

const wallNs = z.string().regex(/^\d{1,19}$/, 'expected nanoseconds since 1970 as digits');
const sigma = z.number().min(0);
const size = parameterNames.length;

const fit = z.strictObject({
  parameters: z.strictObject({
    tunneling: z.strictObject({ k1PerS: z.number().positive(), k2V: z.number().positive() }),
    couplingRel: z.number(),
    offsetV: z.number(),
    temperatureScale: z.number(),
  }),
  covariance: z.array(z.array(z.number()).length(size).readonly()).length(size).readonly(),
  diagnostics: z.strictObject({
    points: z.int().min(0),
    outliers: z.int().min(0),
    chi2: sigma,
    dof: z.int(),
    runsZ: z.number(),
    iterations: z.int().min(0),
    readNoiseV: sigma,
    readNoiseSigmaV: sigma,
  }),
});

const result = z.strictObject({
  /** S then R of each cell: 2 cell, 2 cell + 1. */
  node: z.int().min(0),
  verdict: z.enum(Object.keys(verdicts) as [Verdict, ...Verdict[]]),
  reason: z.string().nullable(),
  fit: fit.nullable(),
});

/** What happened to a node and what it read, stage by stage, in the board's own units: see `NodeSeries`. */
const points = z.strictObject({
  node: z.int().min(0),
  /** Length of each stage, us; null where nobody knows how much time passed. */
  durationUs: z.array(z.number().min(0).nullable()),
  /** DAC code of the pulse that was on during the stage; 0 for none. */
  dacCode: z.array(z.int().min(0)),
  /** Null on boards without a sensor. */
  temperatureK: z.array(z.number().positive().nullable()),
  /** ADC code at the end of the stage; null where it was not read. */
  code: z.array(z.int().nullable()),
});

export const calibrationSchema = z.strictObject({
  schemaVersion: z.literal(CALIBRATION_VERSION),
  /** Of the fnloop that wrote it. */
  software: z.strictObject({ version: z.string(), commit: z.string().nullable() }),
  board: z.strictObject({
    boardId: z.string().min(1),
    firmware: z.string().min(1),
    source: z.enum(['board', 'mock']),
    rows: z.int().min(1),
    columns: z.int().min(1),
    /** The scales by which codes are volts here. */
    nodeVPerCode: z.number().positive(),
    amplitudeVPerCode: z.number().positive(),
  }),
  device: z.enum(Object.keys(devices) as [string, ...string[]]),
  measured: z.strictObject({
    fromWallNs: wallNs,
    toWallNs: wallNs,
    /** Ids of the runs that hold the whole record, oldest first. */
    runs: z.array(z.string()).min(1),
    /** Null on boards without a sensor. */
    temperatureK: z
      .strictObject({ min: z.number().positive(), mean: z.number().positive(), max: z.number().positive() })
      .nullable(),
  }),
  /** Not to be trusted from then on. */
  expiresWallNs: wallNs,
  /** Whether SET raises (1) or lowers (-1) the reading of R less that of S. */
  weightSign: z.union([z.literal(1), z.literal(-1)]),
  /** Noise of one (averaged) reading, V at the node. */
  readNoiseV: z.number().positive(),
  /** What a voltage read-out cannot determine: taken from the device's description, with its tolerance. */
  given: z.strictObject({
    nodeCapacitanceFF: z.number().positive(),
    nodeCapacitanceRel: sigma,
    readGainRel: sigma,
    dacGain: z.number().positive(),
    dacGainRel: sigma,
    offsetSigmaV: sigma,
  }),
  /** One result a node, in the order of nodes. */
  nodes: z.array(result).min(1),
  /** The raw points of each node, in the order of nodes. */
  points: z.array(points),
});

/** All that a calibration file says. */
export type Calibration = z.infer<typeof calibrationSchema>;
export type CalibrationPoints = z.infer<typeof points>;
