import { type ReadonlySignal, signal } from '@preact/signals';
import { FnloopError, messageOf } from '../../core/errors.ts';
import { waitFor } from '../../core/waiting.ts';
import { DaemonClient } from '../client/client.ts';
import { routes } from '../routes/index.ts';
import { type Clients, LabView } from './lab-view.ts';
import { createNotices, type Notices } from './notices.ts';
import { PatientClient } from './patient-client.ts';
import { SafePresses } from './safe-presses.ts';

/** What the whole page shares. */
export interface Page {
  readonly lab: LabView;
  readonly notices: Notices;
  readonly safe: SafePresses;
  /** Why a token is asked for; null while none is. */
  readonly tokenWanted: ReadonlySignal<string | null>;
  /** Asks with the present token. */
  readonly client: DaemonClient;
  begin(): void;
  useToken(token: string): void;
  askForToken(): void;
  /** Goes on with the present token, or without one. */
  leaveToken(): void;
  /** Does what was asked for and says so, or why `what` could not be done. */
  act(what: string, done: string, action: (client: DaemonClient) => Promise<unknown>): Promise<void>;
}

/** Of this tab, until it is closed: another tab, and the next person at this machine, has none. */
const TOKEN_KEY = 'fnloop-token';

const AGAIN_MS = 1_000;
const SAFE_WITHIN_MS = 5_000;

/**
 * Browsers keep connections that carry credentials of theirs apart from those that do not, each kind with a limit of its own: what is
 * short and cannot wait is apart from streams and long questions, those of other tabs too. The page has no cookies to send.
 */
const APART = { credentials: 'omit' } as const;
/** Once pressed, it outlives the tab. */
const SAFE_APART = { ...APART, keepalive: true } as const;

const advice = {
  unavailable: 'It may be restarting: this page tries again.',
  tokenNeeded: 'Give it one.',
};

export function createPage(): Page {
  const notices = createNotices();
  const lab = new LabView();
  const tokenWanted = signal<string | null>(null);
  let leaving = new AbortController();
  let token = sessionStorage.getItem(TOKEN_KEY) ?? undefined;
  const addressNow = () => ({ url: location.origin, token });
  const clientsUntil = (signal: AbortSignal): Clients => ({
    stream: new DaemonClient(addressNow(), signal, { advice }),
    vital: new DaemonClient(addressNow(), signal, { advice, request: APART }),
    patient: new PatientClient(addressNow(), signal, { advice }),
  });
  let clients = clientsUntil(leaving.signal);
  const wantToken = (sentence: string) => {
    tokenWanted.value = sentence;
  };
  const safeClient = (over: AbortSignal) =>
    new DaemonClient(addressNow(), over, { advice, request: SAFE_APART }).within(SAFE_WITHIN_MS);
  const safe = new SafePresses({
    notices,
    makeSafe: (board, over) => safeClient(over).ask(routes.makeSafe, { params: { board } }),
    boardNames: async (over) => (await safeClient(over).ask(routes.listBoards)).map(({ name }) => name),
    addressOf: (board) => lab.boards.value.find(({ name }) => name === board)?.address,
    onTokenNeeded: wantToken,
  });

  const begin = async () => {
    const { signal: present } = leaving;
    while (!present.aborted) {
      const isLost = new AbortController();
      clients = clientsUntil(AbortSignal.any([present, isLost.signal]));
      try {
        await lab.follow(clients, present);
      } catch (error) {
        if (isTokenNeeded(error)) wantToken(messageOf(error));
        if (isRefusal(error)) return;
      }
      // Nobody may ever answer what was asked by then: it would keep its connection, and its turn.
      isLost.abort();
      await waitFor(AGAIN_MS, present);
    }
  };

  return {
    lab,
    notices,
    safe,
    tokenWanted,
    get client() {
      return clients.patient;
    },
    begin: () => void begin(),
    useToken: (given) => {
      sessionStorage.setItem(TOKEN_KEY, given);
      token = given;
      leaving.abort();
      leaving = new AbortController();
      tokenWanted.value = null;
      void begin();
    },
    askForToken: () => wantToken('Another token takes the place of the present one.'),
    leaveToken: () => {
      tokenWanted.value = null;
    },
    act: async (what, done, action) => {
      try {
        await action(clients.patient);
        notices.done(done);
      } catch (error) {
        const problems = error instanceof FnloopError ? error.problems : [];
        notices.fault([`${what}: ${messageOf(error)}`, ...problems].join(' '));
        if (isTokenNeeded(error)) wantToken(messageOf(error));
      }
    },
  };
}

/** Asking again would not help. */
const isRefusal = (error: unknown): boolean =>
  isTokenNeeded(error) || (error instanceof FnloopError && error.code === 'not-allowed');

const isTokenNeeded = (error: unknown): boolean =>
  error instanceof FnloopError && error.code === 'token-needed';
