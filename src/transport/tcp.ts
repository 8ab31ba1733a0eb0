import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { FnloopError, messageOf, systemCodeOf } from '../core/errors.ts';
import type { BoardAddress } from './address.ts';
import type { Endpoint } from './endpoint.ts';
import { type LineTransport, overStream } from './line-transport.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const HANG_UP_TIMEOUT_MS = 500;

/** A board behind TCP: one place. */
export function tcpEndpoint({ host, port, text }: Extract<BoardAddress, { scheme: 'tcp' }>): Endpoint {
  return {
    address: text,
    places: async () => [{ address: text, open: () => openTcp(host, port, text) }],
    close: async () => {},
  };
}

/** Connects to a board behind TCP. Rejects with `port-missing` or `port-refused`. */
export async function openTcp(
  host: string,
  port: number,
  address: string,
  bytesPerS = Number.POSITIVE_INFINITY,
): Promise<LineTransport> {
  const socket = connect({ host, port, noDelay: true });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS) });
  } catch (cause) {
    socket.destroy();
    const code = systemCodeOf(cause) === 'ECONNREFUSED' ? 'port-missing' : 'port-refused';
    throw new FnloopError(code, `Cannot connect to ${host}:${port}: ${messageOf(cause)}.`, { cause });
  }
  return overStream(socket, { address, bytesPerS }, async () => hangUp(socket));
}

/** Waits for the other end's goodbye: who serves one client at a time is then ready for the next. */
function hangUp(socket: Socket): void {
  if (socket.destroyed) return;
  const timer = setTimeout(() => socket.destroy(), HANG_UP_TIMEOUT_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.end();
}
