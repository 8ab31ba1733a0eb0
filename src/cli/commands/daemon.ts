import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { Command, Option } from 'commander';
import { stringify } from 'yaml';
import { FnloopError } from '../../core/errors.ts';
import { softwareVersion } from '../../core/package.ts';
import { createApi } from '../../daemon/api/create-api.ts';
import { builtPage, servedPage } from '../../daemon/api/page.ts';
import { serve } from '../../daemon/api/serve.ts';
import { type DaemonConfig, readDaemonConfig } from '../../daemon/config.ts';
import { Daemon, type Serve } from '../../daemon/daemon.ts';
import { createLog, type LogLevel, logLevels } from '../../daemon/log.ts';
import { type Role, roles } from '../../daemon/roles.ts';
import { newToken } from '../../daemon/tokens.ts';
import { parseTarget } from '../../influx/target.ts';
import type { App } from '../app.ts';

interface DaemonOptions {
  readonly config?: string;
  readonly check?: true;
  readonly newToken?: Role;
  readonly logLevel: LogLevel;
}

export function daemonCommand(app: App): Command {
  return new Command('daemon')
    .addOption(new Option('--config <file>', 'boards, runs folder, database, tokens, as YAML'))
    .addOption(new Option('--check', 'print what the configuration says, or all its problems, and end'))
    .addOption(
      new Option('--new-token <role>', 'print a new token, once, and the entry that lets it in').choices([
        ...roles,
      ]),
    )
    .addOption(
      new Option('--log-level <level>', 'of the JSON lines on stderr')
        .choices([...logLevels])
        .default('info'),
    )
    .action(async ({ config, check, newToken: role, logLevel }: DaemonOptions) => {
      if (role !== undefined) return printToken(app, role);
      if (config === undefined) throw new FnloopError('usage', 'Say which configuration: --config FILE.');
      if (check === true) return printConfig(app, readDaemonConfig(config));
      await run(app, config, logLevel);
    });
}

async function run(app: App, configFile: string, logLevel: LogLevel): Promise<void> {
  const { clock } = app;
  const daemon = new Daemon({
    configFile,
    clock,
    log: createLog(logLevel),
    environment: process.env,
    serve: servedBy(app),
  });
  await app.cooperate(async () => {
    app.onHangUp = () => daemon.reload();
    try {
      const { address } = await daemon.start();
      app.output(true).result({ ready: true, address }, () => '');
      if (!app.signal.aborted) await once(app.signal, 'abort');
    } finally {
      await daemon.close();
    }
  });
}

/** Serves the API where the configuration says. */
const servedBy =
  ({ clock }: App): Serve =>
  async ({ lab, config, metrics, health, log }) => {
    const { runs, listen } = config();
    const api = createApi({
      lab,
      runsFolder: runs,
      tokens: () => config().tokens,
      hosts: () => [isIPv6(listen.host) ? `[${listen.host}]` : listen.host, ...config().hosts],
      metrics,
      health,
      influx: () => {
        const { influx } = config();
        return influx && parseTarget(influx.url).name;
      },
      software: softwareVersion(),
      clock,
      log,
      page: servedPage(builtPage),
    });
    const { url, close } = await serve(api, listen);
    return { address: url, close };
  };

function printToken(app: App, role: Role): void {
  const { token, entry } = newToken(role);
  app
    .output(false)
    .result({ token, entry }, () =>
      [
        `token  ${token}`,
        'It is shown this once. In the configuration of the daemon:',
        stringify({ tokens: [entry] }).trimEnd(),
      ].join('\n'),
    );
}

/** Everything as it was understood, defaults included; of tokens, names and roles. */
function printConfig(app: App, config: DaemonConfig): void {
  const tokens = config.tokens.map(({ name, role }) => ({ name, role }));
  app.output(false).result(config, () => stringify({ ...config, tokens }).trimEnd());
}
