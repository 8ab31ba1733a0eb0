import { dirname, resolve } from 'node:path';
import * as z from 'zod';
import { devices } from '../../calibration/devices.ts';
import { openCalibration } from '../chip/calibration-file.ts';
import { readDocument } from '../config/document.ts';
import { budgetSchema } from '../config/experiment.ts';
import { toldProblems } from '../config/problems.ts';
import { FnloopError, messageOf } from '../core/errors.ts';
import { readCredentials } from '../influx/credentials.ts';
import { parseTarget } from '../influx/target.ts';
import { parseAddress } from '../transport/address.ts';
import { roles } from './roles.ts';

const name = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, 'expected small letters, digits, - and _');

/** Outside of a band a run rests; it goes on once all has been inside for `settleS`. */
const suspendersSchema = z.strictObject({
  temperatureK: z
    .strictObject({ min: z.number().min(1).max(1000), max: z.number().min(1).max(1000) })
    .refine(({ min, max }) => min < max, { message: 'expected a min below max' })
    .optional(),
  /** Lines that arrived damaged in the last minute. */
  badLinesPerMin: z.number().min(1).max(1e6).optional(),
  roundTripMs: z.number().positive().max(60_000).optional(),
  settleS: z.number().min(0).max(86_400).default(10),
});
export type Suspenders = z.infer<typeof suspendersSchema>;

const boardSchema = z.strictObject({
  address: z.string().min(1).max(2_000),
  device: z.enum(Object.keys(devices) as [string, ...string[]]),
  calibration: z.string().min(1).optional(),
  /** Experiments may ask for less, never for more. */
  budget: budgetSchema.optional(),
  /** How long a run waits for a board that was lost before it is given up. */
  patienceS: z.number().min(0.1).max(604_800).default(600),
  suspend: suspendersSchema.optional(),
});
export type BoardSettings = z.infer<typeof boardSchema>;

const tokenSchema = z.strictObject({
  name,
  role: z.enum(roles),
  /** Of the token's text, in hexadecimal digits. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits, as `fnloop daemon --new-token` prints'),
});
export type Token = z.infer<typeof tokenSchema>;

export const daemonSchema = z.strictObject({
  runs: z.string().min(1),
  boards: z.record(name, boardSchema),
  influx: z.strictObject({ url: z.string().min(1), credentials: z.string().min(1).optional() }).optional(),
  listen: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1'),
      port: z.int().min(0).max(65_535).default(7300),
    })
    .prefault({}),
  tokens: z.array(tokenSchema).max(1_000).default([]),
  /** Names, besides loopback and `listen.host`, under which it may be asked: of the machine, or of a proxy before it. */
  hosts: z
    .array(
      z
        .string()
        .max(253)
        .regex(
          /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?$|^\[[0-9a-f:.]+\]$/,
          'expected a name in small letters or an address, IPv6 in brackets, without a port',
        ),
    )
    .max(100)
    .default([]),
  /** What is past it is deleted, the oldest first; never what is not finished or not shipped. */
  retention: z
    .strictObject({ days: z.number().positive().optional(), sizeGB: z.number().positive().optional() })
    .optional(),
  /** What becomes of runs that were cut off. */
  resume: z.enum(['automatic', 'ask']).default('ask'),
  disk: z.strictObject({ leastFreeGB: z.number().min(0).max(1e6).default(1) }).prefault({}),
});

/** The daemon's configuration, paths absolute. */
export type DaemonConfig = z.infer<typeof daemonSchema>;

/** Reads a daemon's configuration. Throws `file-missing`, or `config-invalid` with every problem at once. */
export function readDaemonConfig(path: string): DaemonConfig {
  const config = absolute(readDocument(path, daemonSchema), dirname(resolve(path)));
  const problems = problemsOfWhole(config).map((problem) => `${path}: ${problem}`);
  if (problems.length === 0) return config;
  throw new FnloopError(
    'config-invalid',
    `${path} has ${problems.length} problem${problems.length === 1 ? '' : 's'}.`,
    { problems: toldProblems(problems) },
  );
}

/** Files are named from where the configuration is, so that it means the same wherever the daemon is started. */
function absolute(config: DaemonConfig, folder: string): DaemonConfig {
  const { influx } = config;
  return {
    ...config,
    runs: resolve(folder, config.runs),
    boards: Object.fromEntries(
      Object.entries(config.boards).map(([board, { calibration, ...settings }]) => [
        board,
        calibration === undefined ? settings : { ...settings, calibration: resolve(folder, calibration) },
      ]),
    ),
    ...(influx?.credentials === undefined
      ? {}
      : { influx: { ...influx, credentials: resolve(folder, influx.credentials) } }),
  };
}

/** What no part of it can tell alone. Never repeats a secret. */
function problemsOfWhole({ boards, influx, listen, tokens }: DaemonConfig): string[] {
  const problems: string[] = [];
  const check = (place: string, act: () => unknown) => {
    try {
      act();
    } catch (error) {
      const more = error instanceof FnloopError ? error.problems : [];
      problems.push([`${place}: ${messageOf(error)}`, ...more].join(' '));
    }
  };
  const byAddress = new Map<string, string>();
  for (const [board, { address, calibration }] of Object.entries(boards)) {
    check(`boards.${board}.address`, () => parseAddress(address));
    const other = byAddress.get(address);
    if (other !== undefined)
      problems.push(`boards.${board}.address: expected one board an address, ${other} has the same`);
    byAddress.set(address, board);
    if (calibration !== undefined) check(`boards.${board}.calibration`, () => openCalibration(calibration));
  }
  if (influx !== undefined) {
    check('influx.url', () => parseTarget(influx.url));
    check('influx.credentials', () => readCredentials(influx.credentials, {}));
  }
  if (!isLoopback(listen.host) && tokens.length === 0)
    problems.push(
      `listen.host: expected a loopback address where there are no tokens, found ${listen.host}: anybody there could pulse your boards`,
    );
  const names = tokens.map((token) => token.name);
  for (const repeated of new Set(names.filter((each, index) => names.indexOf(each) < index)))
    problems.push(`tokens: expected one token a name, found ${repeated} twice`);
  return problems;
}

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
