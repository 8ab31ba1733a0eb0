import { Argument, Command, Option } from 'commander';
import { type ExperimentChoices, withChoices } from '../../config/chosen-experiment.ts';
import { readExperiment, shippedExperiments } from '../../config/experiment-file.ts';
import { FnloopError } from '../../core/errors.ts';
import type { AddressChoices } from '../../daemon/client/address.ts';
import { jobStates } from '../../daemon/lab.ts';
import { routes } from '../../daemon/routes/index.ts';
import type { App } from '../app.ts';
import { daemonCredentialsOption, daemonOf, daemonOption } from '../daemon-choice.ts';
import { policyOption } from '../experiment-choices.ts';
import { jobSentence, jobsTable } from '../job-text.ts';
import { type JsonChoice, jsonOption, seedOption, wholeNumber } from '../options.ts';

type DaemonOptions = AddressChoices & JsonChoice;

interface QueueOptions extends DaemonOptions, Omit<ExperimentChoices, 'board'> {
  readonly on?: string;
}

interface ListOptions extends DaemonOptions {
  readonly on?: string;
  readonly state?: (typeof jobStates)[number];
}

interface OrderOptions extends DaemonOptions {
  readonly before?: string;
}

/** A subcommand asks for options with those of `queue`, which takes them first where both know them. */
const withDaemon = (command: Command): Command =>
  command.addOption(daemonOption()).addOption(daemonCredentialsOption()).addOption(jsonOption());

export function queueCommand(app: App): Command {
  const queue = withDaemon(new Command('queue'))
    .addArgument(
      new Argument(
        '[experiment]',
        `an experiment file, or one that is shipped: ${shippedExperiments().join(', ')}`,
      ),
    )
    .addOption(new Option('--on <board>', 'name of a board of the daemon'))
    .addOption(seedOption())
    .addOption(new Option('--steps <number>', 'steps to train').argParser(wholeNumber(1, 1_000_000)))
    .addOption(policyOption())
    .addOption(new Option('--calibration <name>', 'a calibration of the daemon'))
    .action(async (name: string | undefined, { on, json, daemon, credentials, ...choices }: QueueOptions) => {
      if (name === undefined || on === undefined)
        throw new FnloopError('usage', 'Say what to queue and where: fnloop queue EXPERIMENT --on BOARD.');
      const experiment = withChoices(readExperiment(name), choices);
      const job = await daemonOf(app, { daemon, credentials }).ask(routes.submitJob, {
        body: { board: on, experiment },
      });
      app.output(json === true).result(job, () => jobSentence(job));
    });
  return queue
    .addCommand(listCommand(app))
    .addCommand(jobCommand(app, 'pause', 'pause a run after the batch in flight', routes.pauseJob))
    .addCommand(jobCommand(app, 'resume', 'let a paused or interrupted run go on', routes.resumeJob))
    .addCommand(
      jobCommand(
        app,
        'stop',
        'take a queued job off, end a running one after the batch in flight',
        routes.stopJob,
      ),
    )
    .addCommand(goOnCommand(app))
    .addCommand(orderCommand(app));
}

const listCommand = (app: App): Command =>
  withDaemon(new Command('list'))
    .summary('jobs, those of a board in their order')
    .addOption(new Option('--on <board>', 'of one board'))
    .addOption(new Option('--state <state>', 'in one state').choices(jobStates))
    .action(async (_: object, command: Command) => {
      const { on, state, json, ...choices } = command.optsWithGlobals<ListOptions>();
      const query = {
        ...(on === undefined ? {} : { board: on }),
        ...(state === undefined ? {} : { state }),
      };
      const jobs = await daemonOf(app, choices).ask(routes.listJobs, { query });
      app.output(json === true).result(jobs, () => (jobs.length === 0 ? 'No jobs.' : jobsTable(jobs)));
    });

const jobCommand = (
  app: App,
  name: string,
  summary: string,
  route: (typeof routes)['pauseJob' | 'resumeJob' | 'stopJob'],
): Command =>
  withDaemon(new Command(name))
    .summary(summary)
    .argument('<job>', 'id of a job')
    .action(async (id: string, _: object, command: Command) => {
      const { json, ...choices } = command.optsWithGlobals<DaemonOptions>();
      const job = await daemonOf(app, choices).ask(route, { params: { job: id } });
      app.output(json === true).result(job, () => jobSentence(job));
    });

const goOnCommand = (app: App): Command =>
  withDaemon(new Command('go-on'))
    .summary('let a board work again that was brought to rest')
    .argument('<board>', 'name of a board of the daemon')
    .action(async (name: string, _: object, command: Command) => {
      const { json, ...choices } = command.optsWithGlobals<DaemonOptions>();
      const board = await daemonOf(app, choices).ask(routes.goOn, { params: { board: name } });
      app.output(json === true).result(board, () => `Board ${name} may work again: it is ${board.state}.`);
    });

const orderCommand = (app: App): Command =>
  withDaemon(new Command('order'))
    .summary('move a queued job before another of its board, or to the end')
    .argument('<job>', 'id of a job')
    .addOption(new Option('--before <job>', 'the job that is to come after it (default: none, to the end)'))
    .action(async (id: string, _: object, command: Command) => {
      const { before, json, ...choices } = command.optsWithGlobals<OrderOptions>();
      const job = await daemonOf(app, choices).ask(routes.orderJob, {
        params: { job: id },
        body: { before: before ?? null },
      });
      app.output(json === true).result(job, () => jobSentence(job));
    });
