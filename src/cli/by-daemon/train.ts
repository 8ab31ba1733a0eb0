import type { Command } from 'commander';
import type { Experiment } from '../../config/experiment.ts';
import type { BoardState } from '../../daemon/lab.ts';
import { routes } from '../../daemon/routes/index.ts';
import type { App } from '../app.ts';
import type { Output } from '../output.ts';
import type { RunChoices } from '../run-options.ts';
import type { Holder } from './board-holder.ts';
import { concludeJob } from './conclude-job.ts';
import { daemonCalibration } from './daemon-calibration.ts';
import { followJob } from './follow-job.ts';
import { ownToRun, shippingBy } from './own-options.ts';

/** An experiment as the daemon takes it: what it names lies there. */
export async function experimentFor(holder: Holder, experiment: Experiment): Promise<Experiment> {
  const { calibration, ...rest } = experiment;
  const name = await daemonCalibration(holder, calibration);
  return name === undefined ? rest : { ...rest, calibration: name };
}

/** States in which a job begins as soon as those before it have ended. */
const AT_WORK: ReadonlySet<BoardState> = new Set(['ready', 'running']);

/** Queues the experiment on the daemon's board, follows it, and ends as a training of this process. */
export async function trainByDaemon(
  app: App,
  holder: Holder,
  experiment: Experiment,
  { runs }: RunChoices,
  command: Command,
  output: Output,
): Promise<void> {
  const { daemon, board } = holder;
  const shipping = await shippingBy(holder, command, ownToRun, output.note);
  const body = { board: board.name, experiment: await experimentFor(holder, experiment) };
  const job = await daemon.ask(routes.submitJob, { body });
  output.note(`The daemon at ${daemon.url} looks after board ${board.name}: it does this as job ${job.id}.`);
  if (!AT_WORK.has(board.state))
    output.note(
      `Board ${board.name} is ${board.state}, the job waits for it. ${board.reason ?? ''}`.trimEnd(),
    );
  if (job.experiment.calibration !== undefined)
    output.note(`It uses the calibration of the board, ${job.experiment.calibration}.`);
  await concludeJob(await followJob(app, holder, job), holder, { runs, ...shipping }, output);
}
