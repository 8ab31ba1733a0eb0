import { Command, Option } from 'commander';
import type { Board } from '../board/board.ts';
import { FnloopError } from '../core/errors.ts';
import type { Manifest } from '../store/manifest.ts';
import { findRun } from '../store/run-folder.ts';
import { goOnWith, recordedTraining } from '../training/recorded-training.ts';
import { hasHistory, parseAddress } from '../transport/address.ts';
import type { App } from './app.ts';
import { borrowing } from './by-daemon/borrowing.ts';
import { isAnyGiven, ownToResume } from './by-daemon/own-options.ts';
import { holderOfRun, idOf, jobOfRun, resumeByDaemon } from './by-daemon/resume.ts';
import { conclude, type TrainedRun, withResuming } from './conclude-run.ts';
import { boardOption } from './options.ts';
import type { Output } from './output.ts';
import { progressOf } from './progress.ts';
import { type RunChoices, withRunOptions } from './run-options.ts';
import { liveShipping } from './shipping.ts';
import { watched } from './shipping-watch.ts';

interface ResumeOptions extends RunChoices {
  readonly board?: string;
  readonly acceptChanges?: true;
}

/** `fnloop runs resume`: an interrupted training run goes on in its own file. */
export function resumeCommand(app: App): Command {
  return withRunOptions(
    new Command('resume')
      .summary('go on with a training run that was interrupted')
      .argument('<run>', 'a run id, the path of a run folder, or last')
      .addOption(boardOption())
      .addOption(new Option('--accept-changes', 'go on even where most cells are not what they were')),
  ).action(async (run: string, options: ResumeOptions, command: Command) => {
    const output = app.output(options.json === true);
    const folder = findRun(options.runs, run);
    const holder = await holderOfRun(app, folder, options);
    const job = holder && (await jobOfRun(holder, idOf(folder)));
    // A job that does not hold the board can be left alone, where more is asked for than the daemon does.
    const isOwn = job?.state === 'interrupted' && isAnyGiven(command, ownToResume);
    if (holder !== undefined && job !== undefined && !isOwn)
      await resumeByDaemon(app, holder, job, options.runs, command, output);
    else await conclude(await goOn(app, folder, options, output.note), options, output);
  });
}

async function goOn(
  app: App,
  folder: string,
  options: ResumeOptions,
  note: Output['note'],
): Promise<TrainedRun> {
  const recorded = await recordedTraining(folder);
  const { manifest, experiment } = recorded;
  const address = options.board ?? manifest.board.address;
  assertLasts(manifest, address);
  const { runId } = manifest;
  const shipping = liveShipping(app, options);
  const goingOn = async (board: Board) => {
    const { source, boardId } = board.identity;
    app.nowOn(runId, `fnloop runs resume ${runId}`);
    note(`Run ${runId} goes on on ${source} ${boardId} at ${board.address}, recorded in ${folder}.`);
    const { step: onStep, stop } = progressOf(experiment.method.steps, process.stderr, watched(shipping));
    return goOnWith(recorded, {
      board,
      companion: shipping,
      acceptChanges: options.acceptChanges === true,
      clock: app.clock,
      signal: app.signal,
      onStep,
      onNote: note,
    }).finally(stop);
  };
  const { runs, wireLog, patience } = options;
  const going = borrowing(app, { address, runs, command: 'fnloop runs resume' }, () =>
    app.withBoard(address, goingOn, { seed: experiment.seed, wireLog, patience }),
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
