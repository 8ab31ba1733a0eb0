import { suggest } from '../config/suggest.ts';
import { FnloopError } from '../core/errors.ts';
import { anyText, decodeQuery, number, oneOf, type QueryOf, whole } from './query.ts';

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

const baudRate = whole(9600, 12_000_000);

const nodes = whole(0, 32_768);

const mockFields = {
  cells: whole(1, 16_384),
  seed: whole(0, 0x7fffffff),
  /** How host and mock are joined: a pseudo-terminal, an in-process binding, or loopback TCP. */
  via: oneOf('pty', 'pipe', 'tcp'),
  /** Mean start voltage of the nodes, V. */
  startV: number(5, 12),
  noise: oneOf('on', 'off'),
  mismatch: oneOf('on', 'off'),
  temperatureK: number(150, 500),
  /** How fast its temperature rises, in board time. */
  driftKPerHour: number(-1000, 1000),
  /** Without one READ tells no temperature. */
  sensor: oneOf('on', 'off'),
  /** Nodes that never tunnel, that leak besides, and whose converter channel is at its rail. */
  stuck: nodes,
  leaky: nodes,
  dead: nodes,
  /** File that keeps the chip from one opening to the next. */
  state: anyText,
  /** File that its hidden parameters are written to. */
  truth: anyText,
  /** How the mock misbehaves, which it reads itself: `corrupt:0.01,drop:0.005`. */
  faults: anyText,
  /** Virtual time costs no waiting: a pulse of 0.2 s is over at once. */
  time: oneOf('virtual', 'real'),
  /** Pace of the wire in each direction; none where absent. */
  baud: baudRate,
  /** How much faster the board's clock runs than the host's. */
  skewPpm: number(-100_000, 100_000),
  /** Longest random delay of a line, each way. */
  jitterMs: number(0, 60_000),
};
export type MockOptions = QueryOf<typeof mockFields>;

const DEFAULT_BAUD_RATE = 115_200;
/** A path of the system's longest, and all options that there are. */
const LONGEST = 5_000;

/** Parses a board address. Throws `config-invalid` with what was expected. */
export function parseAddress(text: string): BoardAddress {
  if (text.length > LONGEST)
    throw new FnloopError(
      'config-invalid',
      `A board address has at most ${LONGEST} characters, this one has ${text.length}.`,
    );
  const [, scheme = '', rest = '', query = ''] = /^([a-z]+):([^?]*)(?:\?(.*))?$/.exec(text) ?? [];
  if (rest !== '') {
    if (scheme === 'mock') return { scheme, text, preset: rest, options: decoded(text, query, mockFields) };
    if (scheme === 'serial') return { scheme, text, path: rest, baudRate: baudOf(text, query) };
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

const baudOf = (address: string, query: string): number =>
  decoded(address, query, { baud: baudRate }).baud ?? DEFAULT_BAUD_RATE;

function decoded<F extends Parameters<typeof decodeQuery>[1]>(
  address: string,
  query: string,
  fields: F,
): QueryOf<F> {
  const { values, problems } = decodeQuery(query, fields);
  if (problems.length === 0) return values;
  throw new FnloopError('config-invalid', `The board address '${address}' has problems.`, { problems });
}
