import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { WireEnd } from './wire-end.ts';

export interface ServedTcp {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Serves the board on TCP, one client at a time as a serial port would; port 0 picks a free one. */
export async function serveTcp(
  board: WireEnd,
  at: { readonly host: string; readonly port: number },
): Promise<ServedTcp> {
  let client: Socket | undefined;
  const server = createServer({ noDelay: true }, (socket) => {
    if (client !== undefined) {
      socket.destroy();
      return;
    }
    client = socket;
    board.onSend = (bytes) => socket.write(bytes, 'latin1');
    socket.on('data', (bytes) => board.receive(bytes.toString('latin1')));
    // A client that vanishes is an ordinary end here; 'close' follows and does the rest.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      client = undefined;
      board.onSend = () => {};
    });
  });
  server.listen(at.port, at.host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    host: at.host,
    port,
    close: async () => {
      client?.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
