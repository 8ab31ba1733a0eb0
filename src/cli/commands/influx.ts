import { once } from 'node:events';
import { Argument, Command, Option } from 'commander';
import { FnloopError } from '../../core/errors.ts';
import { readCredentials } from '../../influx/credentials.ts';
import { exportedLines } from '../../influx/export-lines.ts';
import { asDatabase1, Server } from '../../influx/server.ts';
import { type DatabaseSetUp, setUpDatabase } from '../../influx/set-up-database.ts';
import { assertNothingRefused } from '../../influx/shipping-state.ts';
import { verifyRun } from '../../influx/verify.ts';
import { findRun } from '../../store/run-folder.ts';
import { RunReader } from '../../store/run-reader.ts';
import type { App } from '../app.ts';
import { type JsonChoice, jsonOption, type Milliseconds, milliseconds, runsOption } from '../options.ts';
import { type ShippedRun, shipRun } from '../ship-run.ts';
import { influxCredentialsOption, influxOption, type ShippingChoices } from '../shipping.ts';
import { listing, table } from '../table.ts';
import { differenceRows, verifiedRows } from '../verification-text.ts';

interface InfluxOptions extends JsonChoice, Required<Pick<ShippingChoices, 'influx'>>, ShippingChoices {
  readonly influx: NonNullable<ShippingChoices['influx']>;
}

interface RunOptions extends InfluxOptions {
  readonly runs: string;
}

/** A run that is shipped by nobody else is given up after so long without a point stored. */
const DEFAULT_PATIENCE_MS = 60_000;
const runArgument = () => new Argument('<run>', 'a run id, the path of a run folder, or last');

export function influxCommand(app: App): Command {
  return new Command('influx')
    .addCommand(initCommand(app))
    .addCommand(shipCommand(app))
    .addCommand(verifyCommand(app))
    .addCommand(exportCommand(app));
}

const commandOnDatabase = (name: string, summary: string): Command =>
  new Command(name)
    .summary(summary)
    .addOption(influxOption().makeOptionMandatory())
    .addOption(influxCredentialsOption())
    .addOption(jsonOption());

function initCommand(app: App): Command {
  return commandOnDatabase('init', 'database, retention policies and continuous queries (1.x)')
    .addOption(
      new Option('--keep <time>', 'how long raw points are kept (default: for ever)').argParser(
        milliseconds(100 * 365 * 86_400_000),
      ),
    )
    .action(
      async ({ influx, influxCredentials, keep, json }: InfluxOptions & { readonly keep?: Milliseconds }) => {
        const server = new Server(asDatabase1(influx), readCredentials(influxCredentials, process.env));
        const keepRaw = keep === undefined ? undefined : `${Math.ceil(keep)}ms`;
        const made = await setUpDatabase(server, keepRaw);
        app.output(json === true).result(made, () => listing(setUpRows(made)));
      },
    );
}

const setUpRows = ({ database, retentionPolicies, continuousQueries }: DatabaseSetUp): [string, string][] => [
  ['database', database],
  ...Object.entries(retentionPolicies).map(([name, keep]): [string, string] => [
    'retention policy',
    `${name}: ${keep}`,
  ]),
  ['continuous queries', continuousQueries.join(', ')],
];

function shipCommand(app: App): Command {
  return commandOnDatabase('ship', 'take what has not arrived of recorded runs to a database')
    .addArgument(new Argument('<run...>', 'run ids, paths of run folders, or last'))
    .addOption(new Option('--again', 'from the first row, with points that were refused before'))
    .addOption(
      new Option('--patience <time>', 'how long to wait without a point stored (default: 60s)')
        .argParser(milliseconds(30 * 86_400_000))
        .default(DEFAULT_PATIENCE_MS, '60s'),
    )
    .addOption(runsOption())
    .action(
      async (
        names: string[],
        options: RunOptions & { readonly again?: true; readonly patience: Milliseconds },
      ) => {
        const folders = names.map((name) => findRun(options.runs, name));
        const credentials = readCredentials(options.influxCredentials, process.env);
        const shipped: ShippedRun[] = [];
        for (const folder of folders) {
          if (app.signal.aborted) break;
          shipped.push(
            await shipRun(app, {
              folder,
              target: options.influx,
              credentials,
              again: options.again === true,
              patienceMs: options.patience,
            }),
          );
        }
        app.output(options.json === true).result(shipped, () =>
          table(
            ['run', 'shipped', 'a second', 'waiting', 'set aside'],
            shipped.map(({ runId, stored, perS, waiting, setAside }) =>
              [runId, stored, Math.round(perS), waiting, setAside].map(String),
            ),
          ),
        );
        for (const run of shipped) assertNothingRefused(run, run.runId);
        const unfinished = shipped.find(({ waiting }) => waiting > 0);
        if (app.signal.aborted)
          throw new FnloopError('interrupted', 'Shipping was interrupted; it goes on from there.');
        if (unfinished === undefined) return;
        throw new FnloopError(
          'database-unavailable',
          `${unfinished.waiting} rows of run ${unfinished.runId} still wait for ${unfinished.target}: ${unfinished.heldUp ?? 'it was given up'}.`,
        );
      },
    );
}

function verifyCommand(app: App): Command {
  return commandOnDatabase('verify', 'compare a run with what a database holds of it (1.x)')
    .addArgument(runArgument())
    .addOption(runsOption())
    .action(async (name: string, { runs, influx, influxCredentials, json }: RunOptions) => {
      const server = new Server(asDatabase1(influx), readCredentials(influxCredentials, process.env));
      const verified = await RunReader.with(findRun(runs, name), (run) => verifyRun(run, server));
      const { differences, runId, target } = verified;
      app.output(json === true).result(verified, () => {
        const found = listing(verifiedRows(verified));
        if (differences.length === 0) return found;
        return `${found}\n${table(['measurement', 'field', '', 'run file', 'database'], differenceRows(verified))}`;
      });
      if (differences.length === 0) return;
      throw new FnloopError(
        'database-differs',
        `Run ${runId} and ${target} differ in ${differences.length} figures of ${verified.fieldsCompared} fields.`,
      );
    });
}

function exportCommand(app: App): Command {
  return new Command('export')
    .summary('write a run as line protocol, for influx -import')
    .addArgument(runArgument())
    .addOption(new Option('--database <name>', 'that it is for').default('fnloop'))
    .addOption(new Option('--retention-policy <name>', 'that it is for, instead of the default one'))
    .addOption(runsOption())
    .action(async (name: string, { runs, database, retentionPolicy }: ExportOptions) => {
      await RunReader.with(findRun(runs, name), async (run) => {
        for await (const part of exportedLines(run, database, retentionPolicy)) {
          if (app.signal.aborted) throw new FnloopError('interrupted', 'The export was interrupted.');
          if (!process.stdout.write(part)) await once(process.stdout, 'drain', { signal: app.signal });
        }
      });
    });
}

interface ExportOptions {
  readonly runs: string;
  readonly database: string;
  readonly retentionPolicy?: string;
}
