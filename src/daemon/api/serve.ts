import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { FnloopError, messageOf } from '../../core/errors.ts';
import { isLoopback } from '../config.ts';
import type { Api } from './create-api.ts';

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
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
const IDLE_MS = 120_000;
const CONNECTIONS = 512;

/** Throws `config-invalid` for an address that others reach while nobody needs a token. */
function assertMayListen({ host }: Listen, isOpen: boolean): void {
  if (isLoopback(host) || !isOpen) return;
  throw new FnloopError(
    'config-invalid',
    `The daemon does not listen on ${host} without tokens: others reach that address. Configure tokens, or listen on 127.0.0.1.`,
  );
}

/** Listens. Rejects with `config-invalid` where others would need no token, `port-busy` or `port-refused`. */
export async function serve({ app, isOpen, close }: Api, listen: Listen): Promise<Served> {
  assertMayListen(listen, isOpen);
  const server = createAdaptorServer({
    fetch: app.fetch,
    createServer,
    serverOptions: {
      maxHeaderSize: HEADER_BYTES,
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      connectionsCheckingInterval: 1_000,
    },
  }) as Server;
  server.maxConnections = CONNECTIONS;
  // Ends connections on which nothing moves, a reader that stalls among them; events send signs of life more often.
  server.timeout = IDLE_MS;
  server.listen(listen.port, listen.host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const isBusy = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
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
      close();
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), 1_000);
      await closed;
      clearTimeout(timer);
    },
  };
}
