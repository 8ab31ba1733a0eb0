import { FnloopError } from '../../core/errors.ts';
import type { Job, Lab } from '../lab.ts';
import type { jobRoutes } from '../routes/jobs.ts';
import type { CalibrationShelf } from './calibration-shelf.ts';
import { experimentOf } from './experiment-of.ts';
import type { LiveCurves } from './live-curves.ts';
import type { Handlers } from './mount.ts';

/** Throws `not-found`. */
export function jobOf(lab: Lab, id: string): Job {
  const job = lab.jobs().find((candidate) => candidate.id === id);
  if (job !== undefined) return job;
  throw new FnloopError('not-found', 'This daemon has no job of that id.');
}

export const jobHandlers = (
  lab: Lab,
  calibrations: CalibrationShelf,
  curves: LiveCurves,
): Handlers<typeof jobRoutes> => ({
  listJobs: ({ query: { board, state } }) =>
    lab
      .jobs()
      .filter((job) => (board === undefined || job.board === board) && (state ?? job.state) === job.state),
  oneJob: ({ params }) => jobOf(lab, params.job),
  jobCurve: ({ params: { job: id } }) => {
    const isSession = lab.boards().some(({ session }) => session === id);
    return curves.pointsOf(isSession ? id : jobOf(lab, id).id);
  },
  submitJob: ({ body, caller }) => {
    const { board, experiment } = experimentOf(body, lab, calibrations);
    return lab.submit(board, experiment, caller.name);
  },
  orderJob: ({ params, body: { before } }) =>
    lab.order(jobOf(lab, params.job).id, before === null ? null : jobOf(lab, before).id),
  pauseJob: ({ params }) => lab.pause(jobOf(lab, params.job).id),
  resumeJob: ({ params }) => lab.resume(jobOf(lab, params.job).id),
  stopJob: ({ params }) => lab.stop(jobOf(lab, params.job).id),
});
