import { Command } from 'commander';
import { FnloopError } from '../../core/errors.ts';
import type { AddressChoices } from '../../daemon/client/address.ts';
import type { DaemonClient } from '../../daemon/client/client.ts';
import type { Job } from '../../daemon/lab.ts';
import { routes } from '../../daemon/routes/index.ts';
import type { App } from '../app.ts';
import { daemonCredentialsOption, daemonOf, daemonOption } from '../daemon-choice.ts';
import { jobSentence } from '../job-text.ts';
import { type JsonChoice, jsonOption } from '../options.ts';
import { jobView } from '../watch-view.ts';

export function watchCommand(app: App): Command {
  return new Command('watch')
    .summary('follow a job of the daemon until it ends')
    .argument('<run or job>', 'id of a run or of a job')
    .addOption(daemonOption())
    .addOption(daemonCredentialsOption())
    .addOption(jsonOption())
    .action(async (name: string, { json, ...choices }: AddressChoices & JsonChoice) => {
      const daemon = daemonOf(app, choices);
      const job = await app.cooperate(() => watchJob(daemon, name));
      app.output(json === true).result(job, () => jobSentence(job));
    });
}

const ENDED: ReadonlySet<string> = new Set(['finished', 'stopped', 'interrupted', 'failed']);

/** Shows what becomes of a job on stderr; resolves once it has ended. Rejects with `not-found` or `interrupted`. */
async function watchJob(daemon: DaemonClient, name: string): Promise<Job> {
  const jobs = await daemon.ask(routes.listJobs);
  const found = jobs.findLast(({ id, runId }) => id === name || runId === name);
  if (found === undefined)
    throw new FnloopError('not-found', `The daemon at ${daemon.url} has no job or run ${name}.`);
  const { id } = found;
  const goesOn = (cause?: unknown) =>
    new FnloopError('interrupted', `Job ${id} is no longer watched; it goes on.`, { cause });
  const view = jobView(process.stderr);
  const leaving = new AbortController();
  try {
    // The stream is open before the state is asked for, so that no change falls between the two.
    const news = await daemon.events({ job: id, kinds: 'step,job' }, leaving.signal);
    const present = () => daemon.ask(routes.oneJob, { params: { job: id } });
    let job = await present();
    view.job(job);
    if (ENDED.has(job.state)) return job;
    for await (const item of news) {
      if (item.kind === 'step') view.step(item, job);
      else if (item.kind === 'job') job = item.job;
      else if (item.kind === 'missed') job = await present();
      view.job(job);
      if (ENDED.has(job.state)) return job;
    }
    throw goesOn();
  } catch (error) {
    // A signal may come while the job is asked for.
    throw error instanceof FnloopError && error.code === 'interrupted' ? goesOn(error) : error;
  } finally {
    leaving.abort();
    view.stop();
  }
}
