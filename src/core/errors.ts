interface ErrorKind {
  readonly exitCode: number;
  readonly meaning: string;
}

/** Every failure this program reports on purpose: its exit status and what it means. */
export const errorKinds = {
  usage: { exitCode: 2, meaning: 'The command line cannot be understood.' },
  'config-invalid': { exitCode: 2, meaning: 'A file or address that you wrote has problems.' },
  'file-missing': { exitCode: 2, meaning: 'A file that was named does not exist or cannot be read.' },
  'state-invalid': {
    exitCode: 2,
    meaning: "The record of a board's past use is damaged or does not fit; nothing was sent.",
  },
  'not-resumable': {
    exitCode: 2,
    meaning: 'The run cannot be gone on with; nothing was sent.',
  },
  'calibration-invalid': {
    exitCode: 2,
    meaning: 'A calibration file is damaged, expired, or of another board; nothing was sent.',
  },
  'not-found': { exitCode: 2, meaning: 'The daemon has nothing of that name.' },
  'not-supported': { exitCode: 2, meaning: 'The daemon takes or gives no such form of content.' },
  'too-large': { exitCode: 2, meaning: 'The daemon takes no request of that size.' },
  'token-needed': { exitCode: 2, meaning: 'The daemon wants a token, or does not know this one.' },
  'not-allowed': { exitCode: 2, meaning: 'The daemon refuses the request: its role, origin or host.' },
  'port-missing': { exitCode: 3, meaning: 'No serial port or listener has that address.' },
  'port-busy': { exitCode: 3, meaning: 'Another program holds the port.' },
  'port-refused': { exitCode: 3, meaning: 'The port exists but cannot be opened.' },
  'link-lost': { exitCode: 3, meaning: 'The connection ended in mid-work.' },
  'no-reply': { exitCode: 3, meaning: 'The board did not answer in time.' },
  'unexpected-reply': { exitCode: 3, meaning: 'The board answered something that FNP/1 does not allow.' },
  'version-mismatch': { exitCode: 3, meaning: 'The board speaks another major version of the protocol.' },
  'daemon-unavailable': { exitCode: 3, meaning: 'No daemon answers at that address.' },
  'too-many': { exitCode: 3, meaning: 'The daemon was asked too often, or for too much at once: ask later.' },
  'database-unavailable': {
    exitCode: 3,
    meaning: 'The database does not take or give what it is asked for; nothing is lost.',
  },
  'board-refused': { exitCode: 4, meaning: 'The board refused a request; nothing was emitted.' },
  'limit-exceeded': { exitCode: 4, meaning: 'A limit forbids this; nothing was sent.' },
  'brought-to-rest': {
    exitCode: 4,
    meaning:
      'Something else brought the board to rest: SAFE, its button, an interlock. The work can be gone on with.',
  },
  'chip-unfit': { exitCode: 4, meaning: 'The cells are not in a state that this work needs.' },
  'outcome-unknown': { exitCode: 4, meaning: 'The reply to a batch was lost; the cells may have changed.' },
  'run-in-use': { exitCode: 5, meaning: 'The run file is held by the process that writes it.' },
  'record-failed': { exitCode: 5, meaning: 'The run file cannot be written or read.' },
  'below-bound': {
    exitCode: 6,
    meaning: 'A measured energy is below its lower bound: the measurement is at fault.',
  },
  'accounts-differ': {
    exitCode: 6,
    meaning: 'Board and run file do not agree on the pulses that were emitted.',
  },
  'points-refused': {
    exitCode: 6,
    meaning: 'The database refused points; they are set aside in the run file with its reasons.',
  },
  'database-differs': {
    exitCode: 6,
    meaning: 'Run file and database do not hold the same.',
  },
  'calibration-stale': {
    exitCode: 6,
    meaning: 'The chip no longer does what its calibration says.',
  },
  interrupted: {
    exitCode: 130,
    meaning: 'A signal ended the work early; what was recorded is complete. 128 + signal.',
  },
  invariant: { exitCode: 70, meaning: 'A defect of fnloop: please report it.' },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorKinds;

export interface ErrorDetails {
  /** All problems, when there are several; each a sentence of its own. */
  readonly problems?: readonly string[];
  readonly cause?: unknown;
}

/** Every error this program raises on purpose. Branch on `code`, never on the message. */
export class FnloopError extends Error {
  override readonly name = 'FnloopError';
  readonly code: ErrorCode;
  readonly problems: readonly string[];

  constructor(code: ErrorCode, message: string, { problems = [], cause }: ErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.problems = problems;
  }
}

/** The failure that came first, with what else went wrong while cleaning up after it. */
export function alsoFailed(failure: unknown, sentence: string, later: unknown): FnloopError {
  const problem = `${sentence}: ${messageOf(later)}`;
  if (!(failure instanceof FnloopError)) {
    return new FnloopError('invariant', messageOf(failure), { problems: [problem], cause: failure });
  }
  return new FnloopError(failure.code, failure.message, {
    problems: [...failure.problems, problem],
    cause: failure,
  });
}

/** What an unknown thing that was thrown says for itself. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);

/** The operating system's code of an error, such as ENOENT; undefined where there is none. */
export const systemCodeOf = (thrown: unknown): string | undefined =>
  thrown instanceof Error && 'code' in thrown && /^E[A-Z0-9]+$/.test(String(thrown.code))
    ? String(thrown.code)
    : undefined;
