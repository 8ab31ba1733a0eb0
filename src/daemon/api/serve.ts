import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { FnloopError, messageOf } from '../../core/errors.ts';
import { isLoopback } from '../config.ts';
import { API_PATH } from '../routes/route.ts';
import { type ConnectionLimits, Connections } from './connections.ts';
import type { Api } from './create-api.ts';
import { refusalText, statuses } from './statuses.ts';
import { Turnstile } from './turnstile.ts';

export interface Listen {
  readonly host: string;
  /** 0 for one that is free. */
  readonly port: number;
}

export interface Served {
  readonly url: string;
  /** Cuts all connections, and takes new ones. */
  cut(): void;
  /** Resolves once no connection is left; those that wait for more are cut. */
  close(): Promise<void>;
}

/** Limits of the server itself: who sends slowly, or never reads, does not stay. */
const HEADER_BYTES = 16_384;
const HEADERS_MS = 5_000;
const REQUEST_MS = 10_000;
const CHECK_MS = 500;
/** Between two requests. */
const KEPT_MS = 5_000;
const IDLE_MS = 120_000;
/** Connections that the system holds until they are taken: beyond them it lets a client wait for a second. */
const KNOCKING = 4_096;
const CONNECTIONS: ConnectionLimits = {
  inAll: 512,
  ofPeer: 256,
  young: 512,
  youngMs: 250,
  stalledMs: 10_000,
};
/** Requests besides SAFE and streams of events that are worked on, or not taken yet, and those that wait for their turn. */
const AT_WORK = 64;
const WAITING = 1_024;

/** Throws `config-invalid` for an address that others reach while nobody needs a token. */
function assertMayListen({ host }: Listen, isOpen: boolean): void {
  if (isLoopback(host) || !isOpen) return;
  throw new FnloopError(
    'config-invalid',
    `The daemon does not listen on ${host} without tokens: others reach that address. Configure tokens, or listen on 127.0.0.1.`,
  );
}

/** Listens. Rejects with `config-invalid` where others would need no token, `port-busy` or `port-refused`. */
export async function serve(api: Api, listen: Listen): Promise<Served> {
  assertMayListen(listen, api.isOpen);
  const server = createServer({
    maxHeaderSize: HEADER_BYTES,
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: CHECK_MS,
    keepAliveTimeout: KEPT_MS,
  });
  const connections = new Connections(CONNECTIONS, () => performance.now());
  const turnstile = new Turnstile(AT_WORK, WAITING, () => performance.now());
  server.on('connection', (socket: Socket) => {
    turnstile.knock();
    connections.add(socket);
  });
  server.on('request', admission(api, connections, turnstile));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) =>
    refuse(error, socket, connections.tellable(socket)),
  );
  const sweep = setInterval(() => connections.cutStalled(), CHECK_MS);
  server.once('close', () => clearInterval(sweep));
  // Ends connections on which nothing moves, a reader that stalls among them; events send signs of life more often.
  server.timeout = IDLE_MS;
  server.listen({ port: listen.port, host: listen.host, backlog: KNOCKING });
  try {
    await once(server, 'listening');
  } catch (cause) {
    const isBusy = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
    clearInterval(sweep);
    throw new FnloopError(
      isBusy ? 'port-busy' : 'port-refused',
      `Cannot listen on ${listen.host}, port ${listen.port}: ${messageOf(cause)}.`,
      { cause },
    );
  }
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : listen.port;
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  return {
    url: `http://${host}:${port}`,
    cut: () => server.closeAllConnections(),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      const ended = api.close();
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), 1_000);
      await Promise.all([closed, ended]);
      clearTimeout(timer);
    },
  };
}

/** SAFE goes straight in, all else through the turnstile; streams of events have places of their own. */
function admission(api: Api, connections: Connections, turnstile: Turnstile): RequestListener {
  const answer = getRequestListener(api.app.fetch);
  return (request, response) => {
    const isStream = request.url?.startsWith(`${API_PATH}/events`) === true;
    const purpose = api.isUrgent(request) ? 'safe' : isStream ? 'events' : 'other';
    if (!connections.begin(request, response, purpose)) return;
    if (purpose === 'safe') {
      void answer(request, response);
      return;
    }
    const enters = turnstile.enter(() => {
      const isGone = response.destroyed || request.socket.destroyed;
      if (isStream || isGone) turnstile.leave();
      else whenOver(request, response, () => turnstile.leave());
      if (!isGone) void answer(request, response);
    });
    if (!enters) {
      response.writeHead(statuses['too-many'], { 'content-type': 'application/json', connection: 'close' });
      response.end(
        refusalText(new FnloopError('too-many', 'Too many requests wait for the daemon: ask later.')),
      );
    }
  };
}

/** Calls `act` once the answer has gone out, or nobody is there for it: one that waits for another on its connection is not told of its end. */
function whenOver({ socket }: IncomingMessage, response: ServerResponse, act: () => void): void {
  const over = () => {
    socket.off('close', over);
    response.off('close', over);
    act();
  };
  socket.once('close', over);
  response.once('close', over);
}

/** What cannot be read as a request is told why, and cut. */
function refuse(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  tellable: ReturnType<Connections['tellable']>,
): void {
  if (tellable === 'nothing') {
    socket.destroy();
    return;
  }
  const [status, refusal] = refusals[error.code ?? ''] ?? malformed;
  const text = tellable === 'all' ? refusalText(refusal) : '';
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`, () => socket.destroy());
}

type Refusal = readonly [status: number, error: FnloopError];
const malformed: Refusal = [400, new FnloopError('config-invalid', 'This is no request of HTTP/1.1.')];
const refusals: Readonly<Record<string, Refusal>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [
    408,
    new FnloopError(
      'link-lost',
      `The request did not arrive in time: expected its head within ${HEADERS_MS / 1e3} s, all of it within ${REQUEST_MS / 1e3} s.`,
    ),
  ],
  HPE_HEADER_OVERFLOW: [
    431,
    new FnloopError('too-large', `Expected headers of at most ${HEADER_BYTES.toLocaleString('en')} bytes.`),
  ],
};
