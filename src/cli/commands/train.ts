import { Command, Option } from 'commander';
import { readExperiment } from '../../config/experiment.ts';
import { FnloopError } from '../../core/errors.ts';
import { assertNothingRefused } from '../../influx/shipping-state.ts';
import { closingRows } from '../../report/summary-rows.ts';
import { writeReport } from '../../report/write-report.ts';
import { RunReader } from '../../store/run-reader.ts';
import type { App } from '../app.ts';
import { calibrationOption } from '../calibration-choice.ts';
import {
  type ExperimentChoices,
  experimentArgument,
  policyOption,
  withChoices,
} from '../experiment-choices.ts';
import {
  boardOption,
  type JsonChoice,
  jsonOption,
  type LinkChoices,
  patienceOption,
  runsOption,
  seedOption,
  wholeNumber,
  wireLogOption,
} from '../options.ts';
import { listing } from '../output.ts';
import {
  influxCredentialsOption,
  influxOption,
  type ShippingChoices,
  shippedOf,
  shippingRows,
} from '../shipping.ts';
import { trainRun } from '../train-run.ts';

interface TrainOptions extends JsonChoice, LinkChoices, ShippingChoices, ExperimentChoices {
  readonly runs: string;
}

export function trainCommand(app: App): Command {
  return new Command('train')
    .summary('train on a board and account for every update')
    .addArgument(experimentArgument())
    .addOption(boardOption())
    .addOption(seedOption())
    .addOption(new Option('--steps <number>', 'steps to train').argParser(wholeNumber(1, 1_000_000)))
    .addOption(policyOption())
    .addOption(calibrationOption())
    .addOption(wireLogOption())
    .addOption(patienceOption())
    .addOption(influxOption())
    .addOption(influxCredentialsOption())
    .addOption(runsOption())
    .addOption(jsonOption())
    .action(async (name: string, options: TrainOptions) => {
      const output = app.output(options.json === true);
      const experiment = withChoices(readExperiment(name), options);
      const { runId, folder, status } = await trainRun(app, experiment, options, output.note);
      const { summary } = await RunReader.with(folder, writeReport);
      const influx = await shippedOf(folder, options);
      output.result(
        influx === undefined ? summary : { ...summary, influx },
        () =>
          `${listing([...closingRows(summary), ...shippingRows(influx, runId)])}\nfile    ${summary.file}\nreport  ${summary.report}\nfigures ${summary.figuresFolder}`,
      );
      if (summary.faults.length > 0) {
        throw new FnloopError('below-bound', `Run ${runId} measured energies below their lower bounds.`, {
          problems: summary.faults,
        });
      }
      if (influx !== undefined) assertNothingRefused(influx, runId);
      if (status === 'interrupted') throw new FnloopError('interrupted', `Run ${runId} was interrupted.`);
    });
}
