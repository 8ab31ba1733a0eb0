import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { createApi } from '../../src/daemon/api/create-api.ts';
import type { ApiLimits, ApiParts, TokenSettings } from '../../src/daemon/api/parts.ts';
import { serve } from '../../src/daemon/api/serve.ts';
import { hashOfToken } from '../../src/daemon/api/tokens.ts';
import type { Role } from '../../src/daemon/roles.ts';
import { type Route, refusalSchema } from '../../src/daemon/routes/route.ts';
import { FakeLab } from './fake-lab.ts';
import { temporaryFolder } from './folder.ts';

export const secretOf = (role: Role): string => `secret-of-${role}-0123456789abcdef`;

export const roleTokens: readonly TokenSettings[] = (['read', 'run', 'admin'] as const).map((role) => ({
  name: `the-${role}er`,
  role,
  sha256: hashOfToken(secretOf(role)),
}));

/** As the build leaves it: threads load no TypeScript. */
const BUILT_THREAD = join(import.meta.dirname, '../../dist/src/daemon/api/reading-thread.js');

interface Choices {
  readonly tokens?: readonly TokenSettings[];
  readonly runs?: string;
  readonly limits?: Partial<ApiLimits>;
  readonly hosts?: readonly string[];
  readonly listenOn?: string;
  readonly page?: ApiParts['page'];
}

export interface Asking {
  readonly headers?: Readonly<Record<string, string>>;
  readonly role?: Role;
  readonly body?: unknown;
}

/** Serves the API of a fake lab on a free loopback port until the test ends. `logged` has each line of its log. */
export async function startApi({
  tokens = [],
  runs = temporaryFolder(),
  limits = {},
  hosts = [],
  listenOn = '127.0.0.1',
  page,
}: Choices = {}) {
  const lab = new FakeLab();
  const logged: string[] = [];
  const write = (fields: object, message: string) => void logged.push(JSON.stringify({ message, ...fields }));
  const api = createApi({
    lab,
    runsFolder: runs,
    tokens: () => tokens,
    hosts: () => hosts,
    readingThread: BUILT_THREAD,
    metrics: { contentType: 'text/plain; version=0.0.4', text: async () => 'fnloop_boards 2\n' },
    health: () => ({ isWell: true, reasons: [] }),
    software: { version: '0.0.0', commit: null },
    clock: systemClock,
    log: { info: write, warn: write, error: write },
    limits,
    ...(page === undefined ? {} : { page }),
  });
  const served = await serve(api, { host: listenOn, port: 0 });
  onTestFinished(() => served.close());

  const ask = (method: string, path: string, { headers = {}, role, body }: Asking = {}) =>
    fetch(`${served.url}${path}`, {
      method,
      headers: {
        ...(role === undefined ? {} : { authorization: `Bearer ${secretOf(role)}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });

  /** Asks a declared route, and holds its answer to the schema it declares. */
  const call = async (
    route: Route,
    params: Readonly<Record<string, string>> = {},
    { query = '', ...asking }: Asking & { readonly query?: string } = {},
  ) => {
    const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(params[name] ?? ''),
    );
    const response = await ask(route.method.toUpperCase(), `/api/v1${path}${query}`, asking);
    const answer: unknown = await response.json();
    if (response.ok) expect(route.answer.safeParse(answer).error).toBeUndefined();
    else expect(refusalSchema.safeParse(answer).error).toBeUndefined();
    return { status: response.status, answer: answer as never, headers: response.headers };
  };
  return {
    lab,
    logged,
    url: served.url,
    runs,
    ask,
    call,
    readers: () => api.readers,
    cut: () => served.cut(),
  };
}

/** The code of a refusal. */
export const codeOf = (answer: { readonly error: { readonly code: string } }): string => answer.error.code;
