import { Command, Option } from 'commander';
import { FnloopError } from '../core/errors.ts';
import { seededRandom } from '../core/random.ts';
import type { Manifest } from '../store/manifest.ts';
import { RunFile } from '../store/run-file.ts';
import { findRun } from '../store/run-folder.ts';
import { RunReader } from '../store/run-reader.ts';
import { reopenHistory } from '../training/board-history.ts';
import { resumable } from '../training/resume-point.ts';
import { resumeRun } from '../training/resume-run.ts';
import { loadTask } from '../training/task.ts';
import { hasHistory, parseAddress } from '../transport/address.ts';
import type { App } from './app.ts';
import { conclude, type TrainedRun, withResuming } from './conclude-run.ts';
import {
  boardOption,
  type JsonChoice,
  jsonOption,
  type LinkChoices,
  patienceOption,
  runsOption,
  wireLogOption,
} from './options.ts';
import type { Output } from './output.ts';
import { progressOf } from './progress.ts';
import { influxCredentialsOption, influxOption, liveShipping, type ShippingChoices } from './shipping.ts';
import { watched } from './shipping-watch.ts';

interface ResumeOptions extends JsonChoice, LinkChoices, ShippingChoices {
  readonly board?: string;
  readonly acceptChanges?: true;
  readonly runs: string;
}

/** `fnloop runs resume`: an interrupted training run goes on in its own file. */
export function resumeCommand(app: App): Command {
  return new Command('resume')
    .summary('go on with a training run that was interrupted')
    .argument('<run>', 'a run id, the path of a run folder, or last')
    .addOption(boardOption())
    .addOption(new Option('--accept-changes', 'go on even where most cells are not what they were'))
    .addOption(wireLogOption())
    .addOption(patienceOption())
    .addOption(influxOption())
    .addOption(influxCredentialsOption())
    .addOption(runsOption())
    .addOption(jsonOption())
    .action(async (run: string, options: ResumeOptions) => {
      const output = app.output(options.json === true);
      await conclude(await goOn(app, findRun(options.runs, run), options, output.note), options, output);
    });
}

async function goOn(
  app: App,
  folder: string,
  options: ResumeOptions,
  note: Output['note'],
): Promise<TrainedRun> {
  const { manifest, experiment } = await RunReader.with(folder, async (run) => ({
    manifest: run.manifest,
    experiment: await resumable(run),
  }));
  const address = options.board ?? manifest.board.address;
  assertLasts(manifest, address);
  const { runId } = manifest;
  const task = loadTask(experiment.task, seededRandom(experiment.seed, 'split'));
  const shipping = liveShipping(app, options);
  const going = app.withBoard(
    address,
    async (board) => {
      const history = await reopenHistory(folder, board, app.clock);
      const runFile = await RunFile.reopen(folder, app.clock);
      const { source, boardId } = board.identity;
      note(`Run ${runId} goes on on ${source} ${boardId} at ${board.address}, recorded in ${folder}.`);
      const { step: onStep, stop } = progressOf(experiment.method.steps, process.stderr, watched(shipping));
      return resumeRun({
        manifest,
        experiment,
        task,
        board,
        runFile,
        history,
        companion: shipping,
        acceptChanges: options.acceptChanges === true,
        clock: app.clock,
        signal: app.signal,
        onStep,
        onNote: note,
      }).finally(stop);
    },
    { seed: experiment.seed, wireLog: options.wireLog, patience: options.patience },
  );
  const status = await going.catch(async (failure: unknown) => {
    throw await withResuming(failure, folder);
  });
  return { runId, folder, status };
}

/** The board has to be the one that holds the weights. Throws `not-resumable` where it is gone with the process that made it. */
function assertLasts({ runId }: Manifest, address: string): void {
  if (hasHistory(parseAddress(address))) return;
  throw new FnloopError(
    'not-resumable',
    `The weights of run ${runId} were on a board that is made anew each time, ${address}: it would be a new chip. ` +
      'A mock keeps its chip with state=FILE in its address, or in a process of its own: fnloop mock.',
  );
}
