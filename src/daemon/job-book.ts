import { CUT_REASON } from './cut-jobs.ts';
import type { JobQueue } from './job-queue.ts';
import type { KeptJob } from './job-queue-format.ts';
import type { Job, JobProgress } from './lab.ts';
import type { CutRun } from './messages.ts';

/** The queue with all that is known of its jobs while the daemon runs; tells of each change. */
export class JobBook {
  readonly queue: JobQueue;
  readonly #tell: (job: Job) => void;
  readonly #progress = new Map<string, JobProgress>();
  /** Jobs whose process died, to be judged by their run files. */
  readonly #cut = new Set<string>();

  constructor(queue: JobQueue, tell: (job: Job) => void) {
    this.queue = queue;
    this.#tell = tell;
  }

  get all(): readonly Job[] {
    return this.queue.all.map((job) => this.#withProgress(job));
  }

  /** Throws `usage` where there is none. */
  find(id: string): Job {
    return this.#withProgress(this.queue.find(id));
  }

  underWay(board: string): KeptJob | undefined {
    return this.queue.ofBoard(board).find(({ state }) => state === 'running' || state === 'paused');
  }

  change(id: string, change: Parameters<JobQueue['change']>[1]): Job {
    return this.told(this.queue.change(id, change));
  }

  told(kept: KeptJob): Job {
    const job = this.#withProgress(kept);
    this.#tell(job);
    return job;
  }

  progressed(job: KeptJob, progress: JobProgress): void {
    this.#progress.set(job.id, progress);
    this.told(job);
  }

  /** Its process died while it ran. */
  cut(id: string, reason: string): void {
    this.#cut.add(id);
    this.change(id, { state: 'interrupted', reason });
  }

  /** Another process has had the board, and may have gone on with runs that were interrupted: their files say so. */
  cutInterrupted(board: string): void {
    for (const { id, state, reason } of this.queue.ofBoard(board))
      if (state === 'interrupted') this.cut(id, reason ?? CUT_REASON);
  }

  /** Jobs of a board that were cut off and nobody has judged yet. */
  cutOf(board: string): readonly KeptJob[] {
    return this.queue.ofBoard(board).filter(({ id }) => this.#cut.has(id));
  }

  cutRunsOf(board: string): readonly CutRun[] {
    return this.cutOf(board).flatMap(({ runId, reason }) =>
      runId === null ? [] : [{ runId, reason: reason ?? CUT_REASON }],
    );
  }

  judged(id: string, found: Pick<KeptJob, 'state' | 'reason' | 'runId'>): void {
    this.#cut.delete(id);
    this.change(id, found);
  }

  #withProgress(job: KeptJob): Job {
    return { ...job, progress: this.#progress.get(job.id) ?? null };
  }
}
