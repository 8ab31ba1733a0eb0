import { FnloopError } from '../core/errors.ts';
import type { BoardSupervisor } from './board-supervisor.ts';
import type { JobBook } from './job-book.ts';
import { hasEnded } from './job-queue.ts';
import type { KeptJob } from './job-queue-format.ts';
import type { Job } from './lab.ts';

export interface SteeringParts {
  readonly jobs: JobBook;
  boardOf(name: string): BoardSupervisor;
  /** Begins the next job of a board that is free for it. */
  begin(board: string): void;
}

/** What may be done with a job once it is there. Each rejects with `usage` where its state does not fit. */
export class JobSteering {
  readonly #parts: SteeringParts;
  /** Jobs that somebody stopped while they ran. */
  readonly #stopping = new Set<string>();

  constructor(parts: SteeringParts) {
    this.#parts = parts;
  }

  async order(id: string, before: string | null): Promise<Job> {
    const { jobs } = this.#parts;
    return jobs.told(jobs.queue.order(id, before));
  }

  async pause(id: string): Promise<Job> {
    const { jobs, boardOf } = this.#parts;
    const job = jobs.queue.find(id);
    if (job.state !== 'running') throw unfit(job, 'running');
    await boardOf(job.board).ask('hold', { by: 'asked', reason: 'It was paused by command.' });
    return jobs.find(id);
  }

  async resume(id: string): Promise<Job> {
    const { jobs, boardOf, begin } = this.#parts;
    const job = jobs.queue.find(id);
    const board = boardOf(job.board);
    const waitsForRest = job.state === 'queued' && board.rest !== null;
    if (job.state !== 'paused' && job.state !== 'interrupted' && !waitsForRest)
      throw unfit(job, 'paused or interrupted');
    // Whoever wants the job to go on wants so of a board that was brought to rest.
    await board.goOn();
    if (job.state === 'paused') {
      await board.ask('release', { by: ['asked', 'safe'] });
      return jobs.find(id);
    }
    jobs.change(id, { state: 'queued', reason: null });
    begin(job.board);
    return jobs.find(id);
  }

  async stop(id: string): Promise<Job> {
    const { jobs, boardOf, begin } = this.#parts;
    const job = jobs.queue.find(id);
    if (hasEnded(job)) throw unfit(job, 'waiting or under way');
    if (job.state === 'queued' || job.state === 'interrupted') {
      const stopped = jobs.change(id, { state: 'stopped', reason: null });
      begin(job.board);
      return stopped;
    }
    this.#stopping.add(id);
    await boardOf(job.board).ask('stop', null);
    return jobs.find(id);
  }

  /** Whether somebody stopped a job that has ended; asked once. */
  wasStopped(id: string): boolean {
    return this.#stopping.delete(id);
  }
}

const unfit = ({ id, state }: KeptJob, expected: string) =>
  new FnloopError('usage', `Job ${id} is ${state}, not ${expected}.`);
