import { percent, quantity } from '../core/format.ts';
import type { BoardStatus, Job, JobProgress } from '../daemon/lab.ts';
import { table } from './table.ts';

const MATCHED = 'matched';

/** A line of progress without its step: accuracy, energy and bound of an update, and how fast it goes. */
export const progressText = ({
  testAccuracy,
  energyPerUpdateFJ,
  boundsPerUpdateZJ,
}: Pick<JobProgress, 'testAccuracy' | 'energyPerUpdateFJ' | 'boundsPerUpdateZJ'>): string =>
  [
    `test ${percent(testAccuracy)}`,
    `${quantity(energyPerUpdateFJ, 'fJ')}/update`,
    `bound ${quantity(boundsPerUpdateZJ?.[MATCHED] ?? null, 'zJ')}`,
  ].join('  ');

export const jobsTable = (jobs: readonly Job[]): string =>
  table(
    ['job', 'board', 'task', 'policy', 'state', 'step', 'test', 'run', 'asked by'],
    jobs.map(({ id, board, experiment, state, progress, runId, askedBy }) => [
      id,
      board,
      experiment.task.name,
      experiment.policy.name,
      state,
      `${progress?.step ?? (state === 'queued' ? 0 : '-')}/${experiment.method.steps}`,
      percent(progress?.testAccuracy ?? null),
      runId ?? '-',
      askedBy,
    ]),
  );

export const boardsTable = (boards: readonly BoardStatus[]): string =>
  table(
    ['board', 'state', 'address', 'chip', 'job', 'why'],
    boards.map(({ name, state, address, identity, job, session, reason }) => [
      name,
      state,
      address,
      identity?.boardId ?? '-',
      job ?? (session === null ? '-' : `session ${session}`),
      reason ?? '-',
    ]),
  );

/** One job in a sentence. */
export const jobSentence = ({ id, board, state, reason, runId }: Job): string => {
  const run = runId === null ? '' : `, run ${runId}`;
  const why = reason === null ? '' : `: ${reason}`;
  return `Job ${id} on ${board} is ${state}${run}${why}`;
};
