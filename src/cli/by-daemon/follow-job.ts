import { FnloopError } from '../../core/errors.ts';
import type { Job } from '../../daemon/lab.ts';
import { routes } from '../../daemon/routes/index.ts';
import type { App } from '../app.ts';
import { watchJob } from '../watch-job.ts';
import type { Holder } from './board-holder.ts';

/** A daemon that is restarted is back by then. */
const GIVE_UP_MS = 5_000;

/** Shows what becomes of a job until it has ended; the first signal stops it. Rejects with `interrupted` where the daemon is gone. */
export async function followJob(app: App, { daemon }: Holder, { id, runId }: Job): Promise<Job> {
  const params = { job: id };
  // Where it cannot be stopped it has ended, or the daemon has, which is seen below.
  const stop = () => void daemon.ask(routes.stopJob, { params }).catch(() => {});
  return app.cooperate(async () => {
    app.signal.addEventListener('abort', stop, { once: true });
    if (app.signal.aborted) stop();
    try {
      return await watchJob(daemon, id, GIVE_UP_MS);
    } catch (cause) {
      if (!(cause instanceof FnloopError) || cause.code !== 'daemon-unavailable') throw cause;
      const run = runId === null ? '' : `, run ${runId}`;
      throw new FnloopError(
        'interrupted',
        `The daemon at ${daemon.url} does not answer any more. Nobody has stopped job ${id}${run}: it goes on where the daemon lives; ` +
          `where that has died the run ends in order, and the next daemon says what became of it: fnloop queue list`,
        { cause },
      );
    } finally {
      app.signal.removeEventListener('abort', stop);
    }
  });
}
