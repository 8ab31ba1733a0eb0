import { type ReadonlySignal, signal } from '@preact/signals';
import { FnloopError, messageOf } from '../../core/errors.ts';
import { waitFor } from '../../core/waiting.ts';
import { DaemonClient } from '../client/client.ts';
import { LabView } from './lab-view.ts';
import { createNotices, type Notices } from './notices.ts';

/** What the whole page shares. */
export interface Page {
  readonly lab: LabView;
  readonly notices: Notices;
  /** Why a token is asked for; null while none is. */
  readonly tokenWanted: ReadonlySignal<string | null>;
  /** Asks with the present token. */
  readonly client: DaemonClient;
  begin(): void;
  useToken(token: string): void;
  askForToken(): void;
  /** Does what was asked for and says so, or why `what` could not be done. */
  act(what: string, done: string, action: (client: DaemonClient) => Promise<unknown>): Promise<void>;
}

/** Of this tab, until it is closed: another tab, and the next person at this machine, has none. */
const TOKEN_KEY = 'fnloop-token';

const AGAIN_MS = 2_000;

const advice = {
  unavailable: 'It may be restarting: this page tries again.',
  tokenNeeded: 'Give it one.',
};

export function createPage(): Page {
  const notices = createNotices();
  const lab = new LabView();
  const tokenWanted = signal<string | null>(null);
  let leaving = new AbortController();
  const clientOf = (token: string | null) =>
    new DaemonClient({ url: location.origin, token: token ?? undefined }, leaving.signal, { advice });
  let client = clientOf(sessionStorage.getItem(TOKEN_KEY));

  const begin = async () => {
    const { signal: present } = leaving;
    while (!present.aborted) {
      try {
        await lab.follow(client, present);
      } catch (error) {
        if (isTokenNeeded(error)) tokenWanted.value = messageOf(error);
        if (isRefusal(error)) return;
      }
      await waitFor(AGAIN_MS, present);
    }
  };

  return {
    lab,
    notices,
    tokenWanted,
    get client() {
      return client;
    },
    begin: () => void begin(),
    useToken: (token) => {
      sessionStorage.setItem(TOKEN_KEY, token);
      leaving.abort();
      leaving = new AbortController();
      client = clientOf(token);
      tokenWanted.value = null;
      void begin();
    },
    askForToken: () => {
      tokenWanted.value = 'Another token takes the place of the present one.';
    },
    act: async (what, done, action) => {
      try {
        await action(client);
        notices.done(done);
      } catch (error) {
        const problems = error instanceof FnloopError ? error.problems : [];
        notices.fault([`${what}: ${messageOf(error)}`, ...problems].join(' '));
        if (isTokenNeeded(error)) tokenWanted.value = messageOf(error);
      }
    },
  };
}

/** Asking again would not help. */
const isRefusal = (error: unknown): boolean =>
  isTokenNeeded(error) || (error instanceof FnloopError && error.code === 'not-allowed');

const isTokenNeeded = (error: unknown): boolean =>
  error instanceof FnloopError && error.code === 'token-needed';
