import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { plugged, type Served } from './served.ts';
import type { WireEnd } from './wire-end.ts';

export interface ServedTcp extends Served {
  readonly host: string;
  readonly port: number;
}

/** Hosts that one board serves at a time. */
const MOST_HOSTS = 8;
const MAX_TRIES = 100;
const RETRY_MS = 20;

/** An end for one host more, until it leaves. */
export type Joining = () => { readonly end: WireEnd; leave(): void };

/**
 * Serves the board on TCP; port 0 picks a free one. Without `join` one client at a time, as a serial port would; with it several,
 * each at an end of its own. Unplugged, all clients are cut off and nobody listens; then the same port listens again.
 */
export async function serveTcp(
  end: WireEnd,
  at: { readonly host: string; readonly port: number },
  join?: Joining,
): Promise<ServedTcp> {
  const clients = new Map<Socket, WireEnd>();
  const server = createServer({ noDelay: true }, (socket) => {
    const isFirst = ![...clients.values()].includes(end);
    if (!isFirst && (join === undefined || clients.size >= MOST_HOSTS)) {
      socket.destroy();
      return;
    }
    const { end: own, leave } = isFirst || join === undefined ? { end, leave: () => {} } : join();
    clients.set(socket, own);
    own.onSend = (bytes) => socket.write(bytes, 'latin1');
    socket.on('data', (bytes) => own.receive(bytes.toString('latin1')));
    // A client that vanishes is an ordinary end here; 'close' follows and does the rest.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clients.delete(socket);
      own.onSend = () => {};
      leave();
    });
  });
  const listen = async (port: number) => {
    server.listen(port, at.host);
    await once(server, 'listening');
  };
  await listen(at.port);
  const { port } = server.address() as AddressInfo;
  const served = plugged({
    pullOut: async () => {
      for (const [socket, own] of clients) {
        own.onSend = () => {};
        socket.destroy();
        own.unplugged?.();
      }
      end.unplugged?.();
      server.close();
      await once(server, 'close');
    },
    plugIn: async () => {
      // A client that keeps trying can get this very port for its own end; its next try gives it back.
      for (let tries = 1; ; tries += 1) {
        const failure = await listen(port).catch((error: unknown) => error);
        if (failure === undefined) return;
        if (tries === MAX_TRIES || Reflect.get(Object(failure), 'code') !== 'EADDRINUSE') throw failure;
        await sleep(RETRY_MS);
      }
    },
  });
  end.onUnplug = served.unplug;
  return {
    host: at.host,
    port,
    get isPlugged() {
      return served.isPlugged;
    },
    unplug: served.unplug,
    close: served.close,
  };
}
