import { FnloopError, messageOf } from '../core/errors.ts';
import type { BoardAddress } from './address.ts';
import type { LineTransport } from './line-transport.ts';
import { openSerial, overPort } from './serial.ts';
import { openTcp } from './tcp.ts';

/** The only way from here to the mocks: loaded when a mock is asked for, never otherwise. */
export const loadMocks = () => import('../../mocks/index.ts');

/**
 * Starts a mock board in this process and connects to it as to any other board: over a
 * pseudo-terminal and serialport where the system has them, or as `via=` says.
 */
export async function openMock(
  { preset, options, text }: Extract<BoardAddress, { scheme: 'mock' }>,
  defaultSeed: number,
): Promise<LineTransport> {
  const mocks = await loadMocks();
  const board = readable(text, () => mocks.createMockBoard({ seed: defaultSeed, ...options, preset }));
  const via = options.via ?? (process.platform === 'win32' ? 'pipe' : 'pty');
  if (via === 'pipe') return overPort(await mocks.openPipe(board), text);
  const served =
    via === 'pty' ? await mocks.servePty(board) : await mocks.serveTcp(board, { host: '127.0.0.1', port: 0 });
  try {
    const transport =
      'path' in served
        ? await openSerial(served.path, 115_200, text)
        : await openTcp(served.host, served.port, text);
    void transport.closed.then(() => served.close());
    return transport;
  } catch (error) {
    await served.close();
    throw error;
  }
}

function readable<T>(address: string, create: () => T): T {
  try {
    return create();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new FnloopError(
      'config-invalid',
      `The board address '${address}' cannot be used: ${messageOf(cause)}.`,
      { cause },
    );
  }
}
