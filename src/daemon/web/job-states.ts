import type { Job } from '../lab.ts';

/** A run holds the board. */
export const isUnderWay = ({ state }: Pick<Job, 'state'>): boolean =>
  state === 'running' || state === 'paused';

/** It waits, or can still be gone on with. */
export const isOpen = (job: Pick<Job, 'state'>): boolean =>
  isUnderWay(job) || job.state === 'queued' || job.state === 'interrupted';
