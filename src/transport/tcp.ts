import { once } from 'node:events';
import { connect } from 'node:net';
import { FnloopError, messageOf, systemCodeOf } from '../core/errors.ts';
import { type LineTransport, overStream } from './line-transport.ts';

const CONNECT_TIMEOUT_MS = 5_000;

/** Connects to a board behind TCP. Rejects with `port-missing` or `port-refused`. */
export async function openTcp(host: string, port: number, address: string): Promise<LineTransport> {
  const socket = connect({ host, port, noDelay: true });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS) });
  } catch (cause) {
    socket.destroy();
    const code = systemCodeOf(cause) === 'ECONNREFUSED' ? 'port-missing' : 'port-refused';
    throw new FnloopError(code, `Cannot connect to ${host}:${port}: ${messageOf(cause)}.`, { cause });
  }
  return overStream(socket, { address, bytesPerS: Number.POSITIVE_INFINITY }, async () => {
    socket.destroy();
  });
}
