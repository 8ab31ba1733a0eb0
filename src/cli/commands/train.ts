import { Command, Option } from 'commander';
import { type ExperimentChoices, withChoices } from '../../config/chosen-experiment.ts';
import { readExperiment } from '../../config/experiment-file.ts';
import type { App } from '../app.ts';
import { holderOf } from '../by-daemon/board-holder.ts';
import { trainByDaemon } from '../by-daemon/train.ts';
import { calibrationOption } from '../calibration-choice.ts';
import { conclude } from '../conclude-run.ts';
import { experimentArgument, policyOption } from '../experiment-choices.ts';
import { boardOption, seedOption, wholeNumber } from '../options.ts';
import { type RunChoices, withRunOptions } from '../run-options.ts';
import { trainRun } from '../train-run.ts';

interface TrainOptions extends RunChoices, ExperimentChoices {}

export function trainCommand(app: App): Command {
  return withRunOptions(
    new Command('train')
      .addArgument(experimentArgument())
      .addOption(boardOption())
      .addOption(seedOption())
      .addOption(new Option('--steps <number>', 'steps to train').argParser(wholeNumber(1, 1_000_000)))
      .addOption(policyOption())
      .addOption(calibrationOption()),
  ).action(async (name: string, options: TrainOptions, command: Command) => {
    const output = app.output(options.json === true);
    const experiment = withChoices(readExperiment(name), options);
    const holder = await holderOf(app, experiment.board, options.runs);
    if (holder !== undefined) await trainByDaemon(app, holder, experiment, options, command, output);
    else await conclude(await trainRun(app, experiment, options, output.note), options, output);
  });
}
