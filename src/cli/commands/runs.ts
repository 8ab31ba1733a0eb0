import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { type ErrorCode, FnloopError } from '../../core/errors.ts';
import { percent, quantity } from '../../core/format.ts';
import { shippingStates } from '../../influx/shipping-state.ts';
import { closingRows } from '../../report/summary-rows.ts';
import { writeReport } from '../../report/write-report.ts';
import { type ExportFormat, exportTable } from '../../store/export.ts';
import { findRun, listRunIds } from '../../store/run-folder.ts';
import { RunReader } from '../../store/run-reader.ts';
import { type RunSummary, summarize } from '../../store/summary.ts';
import { type TableName, tableNames } from '../../store/tables.ts';
import type { App } from '../app.ts';
import { type JsonChoice, jsonOption, runsOption } from '../options.ts';
import { recomputeCommand } from '../recompute-run.ts';
import { resumeCommand } from '../resume-run.ts';
import { shippingRows } from '../shipping.ts';
import { listing, table } from '../table.ts';

interface RunsOptions extends JsonChoice {
  readonly runs: string;
}

interface ExportOptions extends RunsOptions {
  readonly table: TableName;
  readonly parquet?: string;
  readonly csv?: string;
}

/** A command about one run; the others of its options are its own. */
const commandOfRun = (name: string, summary: string): Command =>
  new Command(name)
    .summary(summary)
    .argument('<run>', 'a run id, the path of a run folder, or last')
    .addOption(runsOption())
    .addOption(jsonOption());

export function runsCommand(app: App): Command {
  return new Command('runs')
    .addCommand(listCommand(app))
    .addCommand(showCommand(app))
    .addCommand(exportCommand(app))
    .addCommand(reportCommand(app))
    .addCommand(recomputeCommand(app))
    .addCommand(resumeCommand(app));
}

function listCommand(app: App): Command {
  return new Command('list')
    .summary('one line a run, oldest first')
    .addOption(runsOption())
    .addOption(jsonOption())
    .action(async ({ runs, json }: RunsOptions) => {
      const listed: Listed[] = [];
      for (const id of listRunIds(runs)) listed.push(await summaryOrReason(join(runs, id), id));
      app
        .output(json === true)
        .result(listed, () =>
          listed.length === 0 ? `No runs in ${runs}.` : table(LIST_HEAD, listed.map(listRow)),
        );
    });
}

const LIST_HEAD = ['run', 'status', 'source', 'policy', 'test', 'updates', 'per update'];

type Listed = RunSummary | { readonly runId: string; readonly unreadable: string; readonly code: ErrorCode };

async function summaryOrReason(folder: string, runId: string): Promise<Listed> {
  try {
    return await RunReader.with(folder, summarize);
  } catch (error) {
    if (!(error instanceof FnloopError)) throw error;
    return { runId, unreadable: error.message, code: error.code };
  }
}

function listRow(listed: Listed): string[] {
  if ('unreadable' in listed) return [listed.runId, listed.code, '-', '-', '-', '-', '-'];
  const { runId, status, source, policy, accuracy, updates, energyFJ } = listed;
  return [
    runId,
    status,
    source,
    policy,
    percent(accuracy.test),
    String(updates),
    quantity(energyFJ['full-cycle'].mean, 'fJ'),
  ];
}

function showCommand(app: App): Command {
  return commandOfRun('show', 'the result of one run').action(
    async (run: string, { runs, json }: RunsOptions) => {
      const { summary, shipping } = await RunReader.with(findRun(runs, run), async (reader) => ({
        summary: await summarize(reader),
        shipping: await shippingStates(reader),
      }));
      app
        .output(json === true)
        .result({ ...summary, shipping }, () =>
          listing([
            ...closingRows(summary),
            ...shipping.flatMap((state) => shippingRows(state, summary.runId)),
          ]),
        );
    },
  );
}

function exportCommand(app: App): Command {
  return commandOfRun('export', 'write a table of a run to a file')
    .addOption(new Option('--parquet <file>', 'write Parquet (zstd)').conflicts('csv'))
    .addOption(new Option('--csv <file>', 'write CSV with a header'))
    .addOption(new Option('--table <name>', 'which table').choices(tableNames).default('updates'))
    .action(async (run: string, options: ExportOptions) => {
      const [file, format] = destination(options);
      const rows = await RunReader.with(findRun(options.runs, run), (reader) =>
        exportTable(reader, options.table, file, format),
      );
      app
        .output(options.json === true)
        .result({ file, table: options.table, rows }, () => `${rows} rows of ${options.table} in ${file}`);
    });
}

function destination({ parquet, csv }: ExportOptions): [file: string, format: ExportFormat] {
  if (parquet !== undefined) return [resolve(parquet), 'parquet'];
  if (csv !== undefined) return [resolve(csv), 'csv'];
  throw new FnloopError('usage', 'Say where to export to: --parquet FILE or --csv FILE.');
}

function reportCommand(app: App): Command {
  return commandOfRun('report', 'draw the report of a run again').action(
    async (run: string, { runs, json }: RunsOptions) => {
      const { summary, figureFiles } = await RunReader.with(findRun(runs, run), writeReport);
      const { report } = summary;
      app
        .output(json === true)
        .result({ report, figures: figureFiles }, () => [report, ...figureFiles].join('\n'));
    },
  );
}
