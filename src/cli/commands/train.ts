import { Command, Option } from 'commander';
import { readExperiment } from '../../config/experiment.ts';
import type { App } from '../app.ts';
import { calibrationOption } from '../calibration-choice.ts';
import { conclude } from '../conclude-run.ts';
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
import { influxCredentialsOption, influxOption, type ShippingChoices } from '../shipping.ts';
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
      await conclude(await trainRun(app, experiment, options, output.note), options, output);
    });
}
