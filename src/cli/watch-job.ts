import { FnloopError } from '../core/errors.ts';
import type { DaemonClient } from '../daemon/client/client.ts';
import type { Job } from '../daemon/lab.ts';
import { routes } from '../daemon/routes/index.ts';
import { jobView } from './watch-view.ts';

const ENDED: ReadonlySet<string> = new Set(['finished', 'stopped', 'interrupted', 'failed']);

/**
 * Shows what becomes of a job on stderr; resolves once it has ended. Rejects with `interrupted` once the client's signal aborts, and
 * with `daemon-unavailable` where the daemon is away for longer than `giveUpMs`; without it, it is waited for.
 */
export async function watchJob(daemon: DaemonClient, id: string, giveUpMs?: number): Promise<Job> {
  const view = jobView(process.stderr);
  const leaving = new AbortController();
  try {
    // The stream is open before the state is asked for, so that no change falls between the two.
    const news = await daemon.events({ job: id, kinds: 'step,job' }, leaving.signal, giveUpMs);
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
    throw new FnloopError('interrupted', 'Interrupted.');
  } finally {
    leaving.abort();
    view.stop();
  }
}
