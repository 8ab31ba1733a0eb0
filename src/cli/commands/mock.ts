import { once } from 'node:events';
import { Command, Option } from 'commander';
import { FnloopError, messageOf, systemCodeOf } from '../../core/errors.ts';
import { loadMocks } from '../../transport/mock.ts';
import type { App } from '../app.ts';
import { seedOption, wholeNumber } from '../options.ts';

interface MockOptions {
  readonly pty?: string;
  readonly tcp?: string;
  readonly preset: string;
  readonly cells?: number;
  readonly seed?: number;
  readonly noise: 'on' | 'off';
  readonly mismatch: 'on' | 'off';
}

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
    .action(async (options: MockOptions) => {
      const served = await serve(options);
      app.output(true).result({ ready: true, address: served.address }, () => '');
      await app.cooperate(async () => {
        if (!app.signal.aborted) await once(app.signal, 'abort');
        await served.close();
      });
    });
}

async function serve({
  pty,
  tcp,
  ...choices
}: MockOptions): Promise<{ readonly address: string; close(): Promise<void> }> {
  const mocks = await loadMocks();
  try {
    if (pty !== undefined) {
      const { path, close } = await mocks.servePty(mocks.createMockBoard(choices), pty);
      return { address: `serial:${path}`, close };
    }
    const { host, port, close } = await mocks.serveTcp(mocks.createMockBoard(choices), listenAddress(tcp));
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

function listenAddress(tcp: string | undefined): { readonly host: string; readonly port: number } {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(tcp ?? '') ?? [];
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) };
  throw new FnloopError(
    'usage',
    `Say where to serve: --pty PATH or --tcp HOST:PORT${tcp === undefined ? '' : `, found '${tcp}'`}.`,
  );
}
