/** What a process that holds a board's port says when it is asked for SAFE. */
export interface HolderAnswer {
  readonly process: number;
  /** What it was doing: `fnloop train`. */
  readonly command: string;
  readonly run: string | null;
  /** The command by which that goes on, once somebody wants it to. */
  readonly goOn: string | null;
  /** `not-connected`: the board gets SAFE as soon as it is there again. */
  readonly state: 'at-rest' | 'not-connected' | 'failed';
  /** The next three of a board at rest, as far as it said them. */
  readonly wasArmed: 'yes' | 'no' | 'unknown' | null;
  readonly boardId: string | null;
  readonly boardTimeUs: number | null;
  /** Why it failed. */
  readonly reason: string | null;
}

/** Longest answer, in bytes, its newline included. */
export const MOST_ANSWER_BYTES = 4_096;
const MOST_TEXT = 500;

const STATES: readonly unknown[] = ['at-rest', 'not-connected', 'failed'];
const ARMINGS: readonly unknown[] = ['yes', 'no', 'unknown'];

/** An answer as it came from whoever sits at a socket, of printable text only; undefined where it is none. */
export function readAnswer(line: string): HolderAnswer | undefined {
  const said = parsed(line);
  const { process, command, state, wasArmed, boardTimeUs } = said;
  if (!Number.isInteger(process) || typeof command !== 'string' || !STATES.includes(state)) return undefined;
  return {
    process: process as number,
    command: printable(command),
    run: textOrNull(said['run']),
    goOn: textOrNull(said['goOn']),
    state: state as HolderAnswer['state'],
    wasArmed: ARMINGS.includes(wasArmed) ? (wasArmed as HolderAnswer['wasArmed']) : null,
    boardId: textOrNull(said['boardId']),
    boardTimeUs: typeof boardTimeUs === 'number' ? boardTimeUs : null,
    reason: textOrNull(said['reason']),
  };
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? printable(value) : null);

/** A terminal is not to obey what a stranger wrote. */
const printable = (text: string): string => text.replaceAll(/\p{C}/gu, '?').slice(0, MOST_TEXT);

/** What asks for SAFE: the only thing that a holder may be asked. */
export interface SafeRequest {
  readonly process: number;
  readonly user: string;
}

export const MOST_REQUEST_BYTES = 512;

export const spellRequest = ({ process, user }: SafeRequest): string =>
  `${JSON.stringify({ verb: 'safe', process, user })}\n`;

/** Who asks, as it says itself, in words; undefined for anything but a request for SAFE. */
export function readRequest(line: string): string | undefined {
  const { verb, process, user } = parsed(line);
  if (verb !== 'safe') return undefined;
  const isNamed = Number.isInteger(process) && typeof user === 'string' && /^[\w.@-]{1,32}$/.test(user);
  return isNamed ? `fnloop safe, process ${process} of user ${user}` : 'fnloop safe';
}
