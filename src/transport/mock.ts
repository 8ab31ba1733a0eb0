import { readDocument } from '../config/document.ts';
import { FnloopError, messageOf } from '../core/errors.ts';
import type { BoardAddress } from './address.ts';
import type { Endpoint } from './endpoint.ts';
import type { LineTransport } from './line-transport.ts';
import { bytesPerSAt, openingFailed, openSerial, overPort } from './serial.ts';
import { openTcp } from './tcp.ts';

/** The only way from here to the mocks: loaded when a mock is asked for, never otherwise. */
export const loadMocks = () => import('../../mocks/index.ts');

type MockAddress = Extract<BoardAddress, { scheme: 'mock' }>;
type Mocks = Awaited<ReturnType<typeof loadMocks>>;
type WireEnd = Parameters<Mocks['servePty']>[0];
type Mock = ReturnType<Mocks['createMock']>;
type Faults = ReturnType<Mocks['parseFaults']> | undefined;

/** A mock that is served: how to connect to it, and how to end that. */
interface Served {
  open(): Promise<LineTransport>;
  close(): Promise<void>;
}

const DEFAULT_BAUD_RATE = 115_200;
/** A pseudo-terminal has no pace: the more, the less its replies are waited for. */
const FASTEST_BAUD_RATE = 12_000_000;

/**
 * A mock board in this process, reached like other boards: over a pseudo-terminal and serialport
 * where the system has them, or as `via=` says. The board lives until the endpoint is closed, over
 * many connections. Rejects with `config-invalid` where there is no such mock.
 */
export async function mockEndpoint(address: MockAddress, defaultSeed: number): Promise<Endpoint> {
  const { text } = address;
  const mocks = await loadMocks();
  const { board, end } = mockOf(mocks, address, defaultSeed);
  const served = await serve(mocks, end, address);
  return {
    address: text,
    places: async () => [{ address: text, open: () => served.open() }],
    close: async () => {
      await served.close();
      readable(text, () => board.close());
    },
  };
}

/**
 * Serves a mock for other processes, or for many links of this one, on a pseudo-terminal linked at `linkPath`. Returns
 * its address there. `faults` stand in for those of the address.
 */
export async function serveMock(
  address: MockAddress,
  { seed, faults, linkPath }: { readonly seed: number; readonly faults: Faults; readonly linkPath: string },
): Promise<{ readonly address: string; close(): Promise<void> }> {
  const mocks = await loadMocks();
  const { baud = FASTEST_BAUD_RATE } = address.options;
  const { board, end } = mockOf(mocks, address, seed, faults);
  const served = await mocks.servePty(end, linkPath);
  return {
    address: `serial:${linkPath}?baud=${baud}`,
    close: async () => {
      await served.close();
      readable(address.text, () => board.close());
    },
  };
}

/**
 * The preset that a name or a YAML file says. Throws `file-missing`, and `config-invalid` with every problem of the
 * file at once; RangeError where the whole contradicts itself.
 */
export const presetFrom = (mocks: Mocks, name: string) =>
  /\.ya?ml$/i.test(name) ? mocks.presetOf(name, readDocument(name, mocks.presetDocument)) : name;

function mockOf(
  mocks: Mocks,
  { preset, options, text }: MockAddress,
  defaultSeed: number,
  instead?: Faults,
): Mock {
  return readable(text, () => {
    const choices = { seed: defaultSeed, ...options, preset: presetFrom(mocks, preset) };
    const faults =
      instead ?? (options.faults === undefined ? undefined : mocks.parseFaults(options.faults, choices.seed));
    return mocks.createMock({ ...choices, faults });
  });
}

/** Where it is served is asked at each opening: a mock that was unplugged may come back elsewhere. */
async function serve(mocks: Mocks, end: WireEnd, { options, text }: MockAddress): Promise<Served> {
  const bytesPerS = options.baud === undefined ? Number.POSITIVE_INFINITY : bytesPerSAt(options.baud);
  switch (options.via ?? (process.platform === 'win32' ? 'pipe' : 'pty')) {
    case 'pipe': {
      const served = mocks.servePipe(end);
      return {
        open: async () => {
          const port = await served.open().catch((cause: unknown) => {
            throw openingFailed(text, cause);
          });
          return overPort(port, text, bytesPerS);
        },
        close: () => served.close(),
      };
    }
    case 'tcp': {
      const served = await mocks.serveTcp(end, { host: '127.0.0.1', port: 0 });
      return {
        open: () => openTcp(served.host, served.port, text, bytesPerS),
        close: () => served.close(),
      };
    }
    case 'pty': {
      const served = await mocks.servePty(end);
      return {
        open: () => openSerial(served.path, options.baud ?? DEFAULT_BAUD_RATE, text, bytesPerS),
        close: () => served.close(),
      };
    }
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
