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
import { watchJob } from '../watch-job.ts';

export function watchCommand(app: App): Command {
  return new Command('watch')
    .argument('<run or job>', 'id of a run or of a job')
    .addOption(daemonOption())
    .addOption(daemonCredentialsOption())
    .addOption(jsonOption())
    .action(async (name: string, { json, ...choices }: AddressChoices & JsonChoice) => {
      const daemon = daemonOf(app, choices);
      const job = await app.cooperate(() => watched(daemon, name));
      app.output(json === true).result(job, () => jobSentence(job));
    });
}

/** Rejects with `not-found` or `interrupted`. */
async function watched(daemon: DaemonClient, name: string): Promise<Job> {
  const jobs = await daemon.ask(routes.listJobs);
  const found = jobs.findLast(({ id, runId }) => id === name || runId === name);
  if (found === undefined)
    throw new FnloopError('not-found', `The daemon at ${daemon.url} has no job or run ${name}.`);
  const { id } = found;
  try {
    return await watchJob(daemon, id);
  } catch (cause) {
    if (!(cause instanceof FnloopError) || cause.code !== 'interrupted') throw cause;
    throw new FnloopError('interrupted', `Job ${id} is no longer watched; it goes on.`, { cause });
  }
}
