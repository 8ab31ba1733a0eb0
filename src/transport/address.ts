import * as z from 'zod';
import { problemSentences, problemsOf, suggest, toldProblems } from '../config/problems.ts';
import { FnloopError } from '../core/errors.ts';

/** Where a board is: `mock:dam-a?cells=64&seed=1`, `mock:./preset.yaml`, `serial:/dev/ttyACM0?baud=115200`, `tcp:127.0.0.1:7000`, `replay:wire.log`. */
export type BoardAddress =
  | { readonly scheme: 'mock'; readonly text: string; readonly preset: string; readonly options: MockOptions }
  | { readonly scheme: 'serial'; readonly text: string; readonly path: string; readonly baudRate: number }
  | { readonly scheme: 'tcp'; readonly text: string; readonly host: string; readonly port: number }
  | { readonly scheme: 'replay'; readonly text: string; readonly file: string };

/**
 * True where a board is found that others may have used before: its nodes keep what they received. A mock of this
 * process is made anew each time unless a state file keeps it, and a replay has no nodes.
 */
export function hasHistory(address: BoardAddress): boolean {
  if (address.scheme === 'mock') return address.options.state !== undefined;
  return address.scheme !== 'replay';
}

const SCHEMES = ['mock', 'serial', 'tcp', 'replay'];

const baudRate = z.coerce.number().int().min(9600).max(12_000_000);

const nodes = z.coerce.number().int().min(0).max(32_768).optional();

const mockOptions = z.strictObject({
  cells: z.coerce.number().int().min(1).max(16_384).optional(),
  seed: z.coerce.number().int().min(0).max(0x7fffffff).optional(),
  /** How host and mock are joined: a pseudo-terminal, an in-process binding, or loopback TCP. */
  via: z.enum(['pty', 'pipe', 'tcp']).optional(),
  /** Mean start voltage of the nodes, V. */
  startV: z.coerce.number().min(5).max(12).optional(),
  noise: z.enum(['on', 'off']).optional(),
  mismatch: z.enum(['on', 'off']).optional(),
  temperatureK: z.coerce.number().min(150).max(500).optional(),
  /** How fast its temperature rises, in board time. */
  driftKPerHour: z.coerce.number().min(-1000).max(1000).optional(),
  /** Without one READ tells no temperature. */
  sensor: z.enum(['on', 'off']).optional(),
  /** Nodes that never tunnel, that leak besides, and whose converter channel is at its rail. */
  stuck: nodes,
  leaky: nodes,
  dead: nodes,
  /** File that keeps the chip from one opening to the next. */
  state: z.string().optional(),
  /** File that its hidden parameters are written to. */
  truth: z.string().optional(),
  /** How the mock misbehaves, which it reads itself: `corrupt:0.01,drop:0.005`. */
  faults: z.string().optional(),
  /** Virtual time costs no waiting: a pulse of 0.2 s is over at once. */
  time: z.enum(['virtual', 'real']).optional(),
  /** Pace of the wire in each direction; none where absent. */
  baud: baudRate.optional(),
  /** How much faster the board's clock runs than the host's. */
  skewPpm: z.coerce.number().min(-100_000).max(100_000).optional(),
  /** Longest random delay of a line, each way. */
  jitterMs: z.coerce.number().min(0).max(60_000).optional(),
});
export type MockOptions = z.infer<typeof mockOptions>;

const serialOptions = z.strictObject({
  baud: baudRate.default(115_200),
});

/** Parses a board address. Throws `config-invalid` with what was expected. */
export function parseAddress(text: string): BoardAddress {
  const [, scheme = '', rest = '', query = ''] = /^([a-z]+):([^?]*)(?:\?(.*))?$/.exec(text) ?? [];
  if (rest !== '') {
    if (scheme === 'mock')
      return { scheme, text, preset: rest, options: decodeQuery(text, query, mockOptions) };
    if (scheme === 'serial')
      return { scheme, text, path: rest, baudRate: decodeQuery(text, query, serialOptions).baud };
    if (scheme === 'replay' && query === '') return { scheme, text, file: rest };
    const [, host, port] =
      (scheme === 'tcp' && query === '' && /^\[?([^\]]+)\]?:(\d{1,5})$/.exec(rest)) || [];
    if (host !== undefined && Number(port) <= 65_535)
      return { scheme: 'tcp', text, host, port: Number(port) };
  }
  const hint = scheme === '' || SCHEMES.includes(scheme) ? '' : ` (${scheme}: ${suggest(scheme, SCHEMES)})`;
  throw new FnloopError(
    'config-invalid',
    `'${text}' is not a board address${hint}. Expected mock:PRESET?cells=N&seed=N, serial:PATH?baud=N, tcp:HOST:PORT or replay:FILE.`,
  );
}

function decodeQuery<S extends z.ZodType>(address: string, query: string, schema: S): z.infer<S> {
  const pairs = [...new URLSearchParams(query)];
  const value = Object.fromEntries(pairs);
  const firstAt = new Map(pairs.map(([key], index) => [key, index] as const).reverse());
  const problems = [
    ...pairs.filter(([, text]) => text === '').map(([key]) => `${key} has no value`),
    ...pairs.filter(([key], index) => firstAt.get(key) !== index).map(([key]) => `${key} stands twice`),
    ...problemSentences(problemsOf(schema, value), 'its query'),
  ];
  if (problems.length === 0) return schema.parse(value);
  throw new FnloopError('config-invalid', `The board address '${address}' has problems.`, {
    problems: toldProblems(problems),
  });
}
