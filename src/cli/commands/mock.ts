import { once } from 'node:events';
import { Command, InvalidArgumentError, Option } from 'commander';
import { FnloopError, messageOf, systemCodeOf } from '../../core/errors.ts';
import { loadMocks, presetFrom } from '../../transport/mock.ts';
import type { App } from '../app.ts';
import { faultsFrom } from '../faults.ts';
import { type Kelvins, kelvins, milliseconds, seedOption, wholeNumber } from '../options.ts';

interface MockOptions {
  readonly pty?: string;
  readonly tcp?: string;
  readonly preset: string;
  readonly cells?: number;
  readonly seed?: number;
  readonly noise: 'on' | 'off';
  readonly mismatch: 'on' | 'off';
  readonly time: 'virtual' | 'real';
  readonly skew?: number;
  readonly jitter?: number;
  readonly baud?: number;
  readonly faults?: string;
  readonly temperature?: Kelvins;
  readonly drift?: Kelvins;
  readonly sensor: 'on' | 'off';
  readonly stuck?: number;
  readonly leaky?: number;
  readonly dead?: number;
  readonly state?: string;
  readonly truth?: string;
}

type Mocks = Awaited<ReturnType<typeof loadMocks>>;
type Mock = ReturnType<Mocks['createMock']>;
type Preset = ReturnType<typeof presetFrom>;
type Faults = Awaited<ReturnType<typeof faultsFrom>> | undefined;

export function mockCommand(app: App): Command {
  return new Command('mock')
    .addOption(new Option('--pty <path>', 'make a pseudo-terminal and link it at this path').conflicts('tcp'))
    .addOption(new Option('--tcp <host:port>', 'listen on TCP; port 0 picks a free one'))
    .addOption(new Option('--preset <name>', 'kind of board, or a YAML file that says one').default('dam-a'))
    .addOption(new Option('--cells <number>', 'cells of its array').argParser(wholeNumber(1, 16_384)))
    .addOption(seedOption())
    .addOption(new Option('--noise <state>', 'reading and shot noise').choices(['on', 'off']).default('on'))
    .addOption(new Option('--mismatch <state>', 'spread of the nodes').choices(['on', 'off']).default('on'))
    .addOption(
      new Option('--time <kind>', 'board time: host time, or only what the board does')
        .choices(['virtual', 'real'])
        .default('virtual'),
    )
    .addOption(new Option('--skew <ppm>', 'how fast its crystal is, in real time').argParser(partsPerMillion))
    .addOption(new Option('--jitter <time>', 'each line up to so much later').argParser(milliseconds(60_000)))
    .addOption(new Option('--baud <number>', 'pace of the wire').argParser(wholeNumber(300, 12_000_000)))
    .addOption(new Option('--faults <spec>', 'corrupt:0.01,unplug:20@1000000,... or a YAML file'))
    .addOption(new Option('--temperature <kelvin>', 'of its chip, such as 310K').argParser(kelvins(150, 500)))
    .addOption(
      new Option('--drift <kelvin>', 'how fast it rises, kelvin an hour of board time').argParser(
        kelvins(-1000, 1000),
      ),
    )
    .addOption(new Option('--sensor <state>', 'temperature sensor').choices(['on', 'off']).default('on'))
    .addOption(new Option('--stuck <number>', 'nodes that never tunnel').argParser(NODES))
    .addOption(new Option('--leaky <number>', 'nodes that leak besides').argParser(NODES))
    .addOption(new Option('--dead <number>', 'nodes whose converter is at its rail').argParser(NODES))
    .addOption(new Option('--state <file>', 'keeps the chip in this file, and goes on from it'))
    .addOption(new Option('--truth <file>', 'writes the hidden parameters of the chip'))
    .action(async (options: MockOptions) => {
      const served = await serve(options);
      app.output(true).result({ ready: true, address: served.address }, () => '');
      await app.cooperate(async () => {
        if (!app.signal.aborted) await once(app.signal, 'abort');
        await served.close();
      });
    });
}

async function serve(options: MockOptions): Promise<{ readonly address: string; close(): Promise<void> }> {
  const { pty, tcp } = options;
  const mocks = await loadMocks();
  const preset = named(() => presetFrom(mocks, options.preset));
  const faults =
    options.faults === undefined ? undefined : await faultsFrom(options.faults, options.seed ?? 1);
  const { board, end, join } = named(() => mockOf(mocks, { ...options, preset }, faults));
  try {
    const { address, close } = await serveAt(mocks, { end, join }, options);
    return {
      address,
      close: async () => {
        await close();
        named(() => board.close());
      },
    };
  } catch (cause) {
    if (systemCodeOf(cause) === undefined) throw cause;
    throw new FnloopError('port-refused', `Cannot serve the mock at ${pty ?? tcp}: ${messageOf(cause)}.`, {
      cause,
    });
  }
}

async function serveAt(mocks: Mocks, { end, join }: Pick<Mock, 'end' | 'join'>, { pty, tcp }: MockOptions) {
  if (pty !== undefined) {
    const { path, close } = await mocks.servePty(end, pty);
    return { address: `serial:${path}`, close };
  }
  const { host, port, close } = await mocks.serveTcp(end, listenAddress(tcp), join);
  return { address: `tcp:${host}:${port}`, close };
}

function mockOf(
  mocks: Mocks,
  { skew, jitter, temperature, drift, ...choices }: Omit<MockOptions, 'preset'> & { readonly preset: Preset },
  faults: Faults,
): Mock {
  return mocks.createMock({
    ...choices,
    skewPpm: skew,
    jitterMs: jitter,
    temperatureK: temperature,
    driftKPerHour: drift,
    faults,
  });
}

/** What a mock says of its options, as an error of the command line. */
function named<T>(act: () => T): T {
  try {
    return act();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new FnloopError('usage', `Cannot make a mock: ${cause.message}.`, { cause });
  }
}

const NODES = wholeNumber(0, 32_768);

function partsPerMillion(text: string): number {
  const value = Number(text);
  if (/^-?\d+(\.\d+)?$/.test(text) && Math.abs(value) <= MAX_SKEW_PPM) return value;
  throw new InvalidArgumentError(`Expected a number from -${MAX_SKEW_PPM} to ${MAX_SKEW_PPM}.`);
}

const MAX_SKEW_PPM = 100_000;

function listenAddress(tcp: string | undefined): { readonly host: string; readonly port: number } {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(tcp ?? '') ?? [];
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) };
  throw new FnloopError(
    'usage',
    `Say where to serve: --pty PATH or --tcp HOST:PORT${tcp === undefined ? '' : `, found '${tcp}'`}.`,
  );
}
