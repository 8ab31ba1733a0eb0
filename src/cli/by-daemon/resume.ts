import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { FnloopError } from '../../core/errors.ts';
import type { Job } from '../../daemon/lab.ts';
import { routes } from '../../daemon/routes/index.ts';
import { RunReader } from '../../store/run-reader.ts';
import type { App } from '../app.ts';
import type { Output } from '../output.ts';
import { type Holder, holderOf } from './board-holder.ts';
import { concludeJob } from './conclude-job.ts';
import { followJob } from './follow-job.ts';
import { holders } from './holders.ts';
import { ownToResume, shippingBy } from './own-options.ts';

const RESUMABLE: ReadonlySet<Job['state']> = new Set(['queued', 'running', 'paused', 'interrupted']);

/**
 * The daemon that looks after the board of a run: at the address given, else where the run's file says, else, where that is held,
 * the one that writes it.
 */
export async function holderOfRun(
  app: App,
  folder: string,
  { board: address, runs }: { readonly board?: string; readonly runs: string },
): Promise<Holder | undefined> {
  const known = address ?? (await addressIn(folder));
  if (known !== undefined) return holderOf(app, known, runs);
  for await (const holder of holders(app, runs)) {
    const { name, job } = holder.board;
    if (job !== null && (await jobOfRun(holder, idOf(folder)))?.board === name) return holder;
  }
  return undefined;
}

/** Undefined for a run that somebody writes. */
const addressIn = (folder: string): Promise<string | undefined> =>
  RunReader.with(folder, async ({ manifest }) => manifest.board.address).catch((error: unknown) => {
    if (error instanceof FnloopError && error.code === 'run-in-use') return undefined;
    throw error;
  });

export const idOf = (folder: string): string => basename(resolve(folder));

/** The daemon's job that has a run, and may go on; undefined where the daemon has nothing to do with it any more. */
export async function jobOfRun({ daemon }: Holder, runId: string): Promise<Job | undefined> {
  const jobs = await daemon.ask(routes.listJobs);
  return jobs.findLast((job) => job.runId === runId && RESUMABLE.has(job.state));
}

/** Lets a job of the daemon go on, follows it, and ends as a run of this process. Rejects with `run-in-use` where it runs. */
export async function resumeByDaemon(
  app: App,
  holder: Holder,
  { id, runId, state }: Job,
  runs: string,
  command: Command,
  output: Output,
): Promise<void> {
  const shipping = await shippingBy(holder, command, ownToResume, output.note);
  const { daemon } = holder;
  const params = { job: id };
  if (state === 'running')
    throw new FnloopError('run-in-use', `Run ${runId} goes on already, as job ${id}: fnloop watch ${id}`);
  const job = await (state === 'queued'
    ? daemon.ask(routes.oneJob, { params })
    : daemon.ask(routes.resumeJob, { params }));
  output.note(`Run ${runId} goes on as job ${id} of the daemon at ${daemon.url}.`);
  await concludeJob(await followJob(app, holder, job), holder, { runs, ...shipping }, output);
}
