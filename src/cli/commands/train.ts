import { join } from 'node:path';
import { Command, Option } from 'commander';
import { readExperiment } from '../../config/experiment.ts';
import { FnloopError } from '../../core/errors.ts';
import { seededRandom } from '../../core/random.ts';
import { assertNothingRefused } from '../../influx/shipping-state.ts';
import { closingRows } from '../../report/summary-rows.ts';
import { writeReport } from '../../report/write-report.ts';
import { RunFile } from '../../store/run-file.ts';
import { newRunId } from '../../store/run-folder.ts';
import { RunReader } from '../../store/run-reader.ts';
import { noHistory, openHistory } from '../../training/board-history.ts';
import { runExperiment } from '../../training/run-experiment.ts';
import { loadTask } from '../../training/task.ts';
import { hasHistory, parseAddress } from '../../transport/address.ts';
import type { App } from '../app.ts';
import { calibrationOption, knownChip, namedCalibration } from '../calibration-choice.ts';
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
import { progressOf } from '../progress.ts';
import {
  influxCredentialsOption,
  influxOption,
  liveShipping,
  type ShippingChoices,
  shippedOf,
  shippingRows,
} from '../shipping.ts';

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
      const task = loadTask(experiment.task, seededRandom(experiment.seed, 'split'));
      const opened = namedCalibration(experiment);
      const runId = newRunId(app.clock.wallNs(), experiment.task.name, experiment.seed);
      const folder = join(options.runs, runId);
      const shipping = liveShipping(app, options);

      const status = await app.withBoard(
        experiment.board,
        async (board) => {
          const history = hasHistory(parseAddress(experiment.board))
            ? await openHistory(options.runs, board, app.clock)
            : noHistory;
          const { source, boardId } = board.identity;
          const calibration = knownChip(opened, experiment.device, {
            board: board.identity,
            wallNs: app.clock.wallNs(),
            runs: options.runs,
            note: output.note,
          });
          const runFile = await RunFile.create(folder, app.clock);
          if (shipping !== undefined) await runFile.accompany(shipping);
          output.note(`Run ${runId} on ${source} ${boardId} at ${board.address}, recorded in ${folder}.`);
          const { step: onStep, stop } = progressOf(experiment.method.steps, process.stderr);
          const { clock, signal } = app;
          const parts = {
            runId,
            experiment,
            task,
            board,
            calibration,
            runFile,
            past: history.past,
            clock,
            signal,
            onStep,
          };
          return history.charging(folder, () => runExperiment(parts)).finally(stop);
        },
        { seed: experiment.seed, wireLog: options.wireLog, patience: options.patience },
      );
      const { summary } = await RunReader.with(folder, writeReport);
      const influx = await shippedOf(folder, options);
      output.result(
        influx === undefined ? summary : { ...summary, influx },
        () =>
          `${listing([...closingRows(summary), ...shippingRows(influx, runId)])}\nfile    ${summary.file}\nreport  ${summary.report}\nfigures ${summary.figures}`,
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
