import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Experiment } from '../config/experiment.ts';
import { replaceFile } from '../core/atomic-file.ts';
import { FnloopError, messageOf } from '../core/errors.ts';
import { makeFolders } from '../core/files.ts';
import { type KeptJob, readJobQueue, spellJobQueue } from './job-queue-format.ts';
import type { JobState } from './lab.ts';
import { DAEMON_FOLDER } from './places.ts';

/** Folder within that of runs. */
/** Ended jobs that are remembered. */
const MOST_ENDED = 500;

const ENDED: readonly JobState[] = ['finished', 'stopped', 'failed'];
export const hasEnded = ({ state }: Pick<KeptJob, 'state'>): boolean => ENDED.includes(state);

/** Jobs of all boards, each board's in their order, in a file that is replaced as a whole with each change. */
export class JobQueue {
  readonly #file: string;
  #jobs: readonly KeptJob[];
  #nextId: number;

  private constructor(file: string, jobs: readonly KeptJob[], nextId: number) {
    this.#file = file;
    this.#jobs = jobs;
    this.#nextId = nextId;
  }

  /** The jobs that the last daemon left. Throws `state-invalid` for a file that is damaged, edited or of a newer fnloop. */
  static open(runsFolder: string): JobQueue {
    const folder = join(runsFolder, DAEMON_FOLDER);
    makeFolders(folder);
    const file = join(folder, 'jobs.json');
    if (!existsSync(file)) return new JobQueue(file, [], 1);
    const known = readJobQueue(readFileSync(file, 'utf8'));
    if (typeof known !== 'string') return new JobQueue(file, known.jobs, known.nextId);
    throw new FnloopError(
      'state-invalid',
      `The queue of jobs, ${file}, cannot be used: ${known}. Bring back an intact copy; or move it away, if the jobs may be forgotten.`,
    );
  }

  get all(): readonly KeptJob[] {
    return this.#jobs;
  }

  ofBoard(board: string): readonly KeptJob[] {
    return this.#jobs.filter((job) => job.board === board);
  }

  /** Throws `usage` where there is none. */
  find(id: string): KeptJob {
    const job = this.#jobs.find((each) => each.id === id);
    if (job === undefined) throw new FnloopError('usage', `There is no job '${id}'.`);
    return job;
  }

  add(asked: {
    readonly board: string;
    readonly experiment: Experiment;
    readonly askedBy: string;
    readonly askedWallNs: string;
  }): KeptJob {
    const job: KeptJob = { id: `j${this.#nextId}`, state: 'queued', reason: null, runId: null, ...asked };
    this.#keep([...this.#jobs, job], this.#nextId + 1);
    return job;
  }

  /** A state without an error code ends whichever the job had. */
  change(id: string, change: Partial<Pick<KeptJob, 'state' | 'reason' | 'code' | 'runId'>>): KeptJob {
    const { code, ...before } = this.find(id);
    const kept = change.state === undefined && code !== undefined ? { code } : {};
    const job: KeptJob = { ...before, ...kept, ...change };
    this.#keep(this.#jobs.map((each) => (each.id === id ? job : each)));
    return job;
  }

  /** Moves a queued job before another of its board that waits too, or behind all of them. Throws `usage`. */
  order(id: string, before: string | null): KeptJob {
    const job = this.find(id);
    const others = this.#jobs.filter((each) => each.id !== id);
    if (job.state !== 'queued') throw new FnloopError('usage', `Job ${id} is ${job.state}, not queued.`);
    if (before === null) {
      this.#keep([...others, job]);
      return job;
    }
    const other = this.find(before);
    if (other.board !== job.board || other.state !== 'queued' || before === id)
      throw new FnloopError('usage', `Job ${before} does not wait for board ${job.board}.`);
    const place = others.indexOf(other);
    this.#keep([...others.slice(0, place), job, ...others.slice(place)]);
    return job;
  }

  /** The job that a board is to do next; undefined where it has none, or one is to be gone on with or given up first. */
  nextOf(board: string): KeptJob | undefined {
    const next = this.ofBoard(board).find((job) => !hasEnded(job));
    return next?.state === 'queued' ? next : undefined;
  }

  #keep(jobs: readonly KeptJob[], nextId = this.#nextId): void {
    const kept = withoutOldest(jobs);
    try {
      replaceFile(this.#file, spellJobQueue({ nextId, jobs: [...kept] }));
    } catch (cause) {
      throw new FnloopError(
        'record-failed',
        `Cannot write the queue of jobs, ${this.#file}: ${messageOf(cause)}.`,
        {
          cause,
        },
      );
    }
    this.#jobs = kept;
    this.#nextId = nextId;
  }
}

function withoutOldest(jobs: readonly KeptJob[]): readonly KeptJob[] {
  const excess = jobs.filter(hasEnded).length - MOST_ENDED;
  if (excess <= 0) return jobs;
  const forgotten = new Set(jobs.filter(hasEnded).slice(0, excess));
  return jobs.filter((job) => !forgotten.has(job));
}
