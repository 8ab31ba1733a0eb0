import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { plugged, type Served } from './served.ts';
import type { WireEnd } from './wire-end.ts';

export interface ServedTcp extends Served {
  readonly host: string;
  readonly port: number;
}

const MAX_TRIES = 100;
const RETRY_MS = 20;

/**
 * Serves the board on TCP, one client at a time as a serial port would; port 0 picks a free one. Unplugged,
 * the client is cut off and nobody listens; then the same port listens again.
 */
export async function serveTcp(
  end: WireEnd,
  at: { readonly host: string; readonly port: number },
): Promise<ServedTcp> {
  let client: Socket | undefined;
  const server = createServer({ noDelay: true }, (socket) => {
    if (client !== undefined) {
      socket.destroy();
      return;
    }
    client = socket;
    end.onSend = (bytes) => socket.write(bytes, 'latin1');
    socket.on('data', (bytes) => end.receive(bytes.toString('latin1')));
    // A client that vanishes is an ordinary end here; 'close' follows and does the rest.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      client = undefined;
      end.onSend = () => {};
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
      end.onSend = () => {};
      client?.destroy();
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
