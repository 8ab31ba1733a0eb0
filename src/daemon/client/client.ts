import type * as z from 'zod';
import { type ErrorCode, errorKinds, FnloopError, messageOf, systemCodeOf } from '../../core/errors.ts';
import type { LabEvent } from '../lab.ts';
import { eventRoutes } from '../routes/events.ts';
import { API_PATH, type Route, refusalSchema } from '../routes/route.ts';
import type { DaemonAddress } from './address.ts';
import { newsOver } from './events.ts';

type Input<S> = S extends z.ZodType ? z.input<S> : never;

/** What a route is asked with. */
export interface Asking<R extends Route> {
  readonly params?: Input<R['params']>;
  readonly query?: Input<R['query']>;
  readonly body?: Input<NonNullable<R['body']>>;
}

/** What a reader of events is told. */
export type News =
  | LabEvent
  | { readonly kind: 'missed'; readonly missed: number | null }
  /** The connection has ended, and is there again. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'back' };

/** What a person may do about a daemon that cannot be asked, each a sentence. */
export interface Advice {
  readonly unavailable: string;
  readonly tokenNeeded: string;
}

const atTerminal: Advice = {
  unavailable: "Start one with 'fnloop daemon', or name another by --daemon or FNLOOP_DAEMON.",
  tokenNeeded: 'Put it into FNLOOP_TOKEN, or into a file named by --credentials.',
};

/** How a client asks, and what it says of a daemon that cannot be asked. */
interface Manner {
  readonly advice?: Advice;
  readonly deadline?: AbortSignal;
  /** What a browser is told of each request. */
  readonly request?: Pick<RequestInit, 'credentials' | 'keepalive'>;
}

/** Asks a daemon by the routes that it declares. */
export class DaemonClient {
  readonly #address: DaemonAddress;
  readonly #signal: AbortSignal;
  readonly #advice: Advice;
  /** Aborts for want of time. */
  readonly #deadline: AbortSignal;
  readonly #request: NonNullable<Manner['request']>;

  constructor(
    address: DaemonAddress,
    signal: AbortSignal,
    { advice = atTerminal, deadline, request = {} }: Manner = {},
  ) {
    this.#address = address;
    this.#signal = signal;
    this.#advice = advice;
    this.#deadline = deadline ?? new AbortController().signal;
    this.#request = request;
  }

  get url(): string {
    return this.#address.url;
  }

  /** The same daemon, for who does not wait for its answers for longer than that in all: they then are `daemon-unavailable`. */
  within(forMs: number): DaemonClient {
    return new DaemonClient(this.#address, this.#signal, {
      advice: this.#advice,
      deadline: AbortSignal.timeout(forMs),
      request: this.#request,
    });
  }

  /** Rejects as the daemon refuses, with `daemon-unavailable` where none answers, and `interrupted` once the signal aborts. */
  async ask<R extends Route>(route: R, asking: Asking<R> = {}): Promise<z.output<R['answer']>> {
    const response = await this.#fetch(route, asking);
    const answer = await this.#jsonOf(response);
    const read = route.answer.safeParse(answer);
    if (read.success) return read.data as z.output<R['answer']>;
    throw this.#unavailable(
      `what answers at ${this.url} is no fnloop daemon, or of another version than this fnloop`,
    );
  }

  /**
   * News from when it resolves. Connects again where the connection ends, and goes on where it was; ends when a signal aborts, the
   * given one or that of the client. Rejects with `daemon-unavailable` after `giveUpMs` without one, and where nobody answers at first.
   */
  async events(
    query: Asking<typeof eventRoutes.events>['query'],
    leaving: AbortSignal,
    giveUpMs = Number.POSITIVE_INFINITY,
  ): Promise<AsyncGenerator<News>> {
    const signal = AbortSignal.any([this.#signal, leaving]);
    const open = async (after: string | undefined) => {
      const headers: Record<string, string> = after === undefined ? {} : { 'last-event-id': after };
      const response = await this.#fetch(eventRoutes.events, { query }, headers, signal);
      const { body } = response;
      if (response.ok && body !== null) return body;
      await this.#jsonOf(response);
      throw this.#unavailable(`what answers at ${this.url} has no events`);
    };
    return newsOver(await open(undefined), { open, signal, giveUpMs });
  }

  async #fetch<R extends Route>(
    route: R,
    { params = {}, query = {}, body }: Partial<Record<keyof Asking<R>, unknown>>,
    headers: Readonly<Record<string, string>> = {},
    signal: AbortSignal = this.#signal,
  ): Promise<Response> {
    const { url, token } = this.#address;
    const named = params as Readonly<Record<string, string>>;
    const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(named[name] ?? ''),
    );
    const target = new URL(`${API_PATH}${path}`, url);
    for (const [key, value] of Object.entries(query as object))
      if (value !== undefined) target.searchParams.set(key, String(value));
    try {
      return await fetch(target, {
        ...this.#request,
        method: route.method.toUpperCase(),
        headers: {
          ...headers,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // A token is for this daemon, wherever it points to.
        redirect: 'error',
        signal: AbortSignal.any([signal, this.#deadline]),
      });
    } catch (cause) {
      throw this.#unanswered(cause, signal);
    }
  }

  #unanswered(cause: unknown, signal: AbortSignal): FnloopError {
    if (signal.aborted) return new FnloopError('interrupted', 'Interrupted.', { cause });
    const reason = cause instanceof Error ? cause.cause : undefined;
    return this.#unavailable(`no daemon answers at ${this.url} (${reasonOf(reason ?? cause)})`, cause);
  }

  async #jsonOf(response: Response): Promise<unknown> {
    const signal = AbortSignal.any([this.#signal, this.#deadline]);
    // A body forgets the signal that it was fetched with once its request is collected as garbage.
    const body = response.body?.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(), { signal });
    const answer: unknown = await new Response(body ?? null).json().catch((cause: unknown) => {
      if (signal.aborted) throw this.#unanswered(cause, this.#signal);
      return undefined;
    });
    if (response.ok) return answer;
    const refusal = refusalSchema.safeParse(answer);
    if (!refusal.success)
      throw this.#unavailable(`what answers at ${this.url} is no fnloop daemon (status ${response.status})`);
    const { code, message, problems } = refusal.data.error;
    if (!isKnown(code)) throw this.#unavailable(`the daemon at ${this.url} says ${code}: ${message}`);
    const hint = code === 'token-needed' ? ` ${this.#advice.tokenNeeded}` : '';
    throw new FnloopError(code, `${message}${hint}`, { problems });
  }

  #unavailable(sentence: string, cause?: unknown): FnloopError {
    const text = `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
    return new FnloopError('daemon-unavailable', `${text} ${this.#advice.unavailable}`, { cause });
  }
}

const isKnown = (code: string): code is ErrorCode => Object.hasOwn(errorKinds, code);

const reasonOf = (cause: unknown): string => systemCodeOf(cause) ?? messageOf(cause);
