import { once } from 'node:events';
import { Command, InvalidArgumentError, Option } from 'commander';
import { FnloopError, messageOf, systemCodeOf } from '../../core/errors.ts';
import { loadMocks } from '../../transport/mock.ts';
import type { App } from '../app.ts';
import { faultsFrom } from '../faults.ts';
import { milliseconds, seedOption, wholeNumber } from '../options.ts';

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
}

type Mocks = Awaited<ReturnType<typeof loadMocks>>;
type Faults = Awaited<ReturnType<typeof faultsFrom>> | undefined;

export function mockCommand(app: App): Command {
  return new Command('mock')
    .summary('serve a mock board until SIGTERM')
    .addOption(new Option('--pty <path>', 'make a pseudo-terminal and link it at this path').conflicts('tcp'))
    .addOption(new Option('--tcp <host:port>', 'listen on TCP; port 0 picks a free one'))
    .addOption(new Option('--preset <name>', 'kind of board').default('dam-a'))
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
  const faults =
    options.faults === undefined ? undefined : await faultsFrom(options.faults, options.seed ?? 1);
  try {
    if (pty !== undefined) {
      const { path, close } = await mocks.servePty(endOf(mocks, options, faults), pty);
      return { address: `serial:${path}`, close };
    }
    const { host, port, close } = await mocks.serveTcp(endOf(mocks, options, faults), listenAddress(tcp));
    return { address: `tcp:${host}:${port}`, close };
  } catch (cause) {
    if (cause instanceof RangeError)
      throw new FnloopError('usage', `Cannot make a mock: ${cause.message}.`, { cause });
    if (systemCodeOf(cause) === undefined) throw cause;
    throw new FnloopError('port-refused', `Cannot serve the mock at ${pty ?? tcp}: ${messageOf(cause)}.`, {
      cause,
    });
  }
}

function endOf(mocks: Mocks, { skew, jitter, ...choices }: MockOptions, faults: Faults) {
  return mocks.createMock({
    ...choices,
    skewPpm: skew,
    jitterMs: jitter,
    faults,
  }).end;
}

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
