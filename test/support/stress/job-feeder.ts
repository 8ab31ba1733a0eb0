import { setTimeout as sleep } from 'node:timers/promises';
import { FnloopError } from '../../../src/core/errors.ts';
import type { DaemonClient } from '../../../src/daemon/client/client.ts';
import { hasEnded } from '../../../src/daemon/job-queue.ts';
import type { Job } from '../../../src/daemon/lab.ts';
import { boardRoutes } from '../../../src/daemon/routes/boards.ts';
import { jobRoutes } from '../../../src/daemon/routes/jobs.ts';
import type { Known } from './asks.ts';

const LOOK_EVERY_MS = 250;

/** Pulses so short that ten minutes at full speed leave chips young enough to find the sign of their weights. */
const QUICK = { name: 'matched', amplitudeV: 1.35, baseWidthUs: 20_000, maxWidthUs: 100_000 };

/** Has each board train without a pause: one job under way, the next one waiting. Nothing is to end early by itself. */
export class JobFeeder {
  readonly #client: DaemonClient;
  readonly #boards: readonly string[];
  readonly #steps: number;
  #jobs: readonly Job[] = [];
  #isFeeding = true;
  #feeding: Promise<void> = Promise.resolve();

  constructor(client: DaemonClient, boards: readonly string[], steps: number) {
    this.#client = client;
    this.#boards = boards;
    this.#steps = steps;
  }

  get jobs(): readonly Job[] {
    return this.#jobs;
  }

  get known(): Known {
    return {
      boards: this.#boards,
      jobs: this.#jobs.map(({ id }) => id),
      endedRuns: this.#jobs.flatMap((job) => (hasEnded(job) && job.runId !== null ? [job.runId] : [])),
    };
  }

  /** Resolves once all boards train. */
  async start(): Promise<void> {
    const areReady = async () =>
      (await this.#client.ask(boardRoutes.listBoards)).every(({ state }) => state === 'ready');
    while (!(await areReady())) await sleep(LOOK_EVERY_MS);
    this.#feeding = this.#feed();
    while (this.#boards.some((board) => (this.#underWay(board)?.progress?.step ?? 0) < 1))
      await sleep(LOOK_EVERY_MS);
  }

  /** Jobs that wait are stopped, those under way finish. */
  async end(): Promise<void> {
    this.#isFeeding = false;
    await this.#feeding;
    for (const { id, state } of this.#jobs)
      if (state === 'queued') await this.#client.ask(jobRoutes.stopJob, { params: { job: id } });
    while (!this.#jobs.every(hasEnded)) {
      await sleep(LOOK_EVERY_MS);
      await this.#look();
      this.#assertWell();
    }
  }

  /** Does something to the job under way on a board. */
  async steer(board: string, act: 'pauseJob' | 'resumeJob' | 'stopJob'): Promise<void> {
    for (;;) {
      await this.#look();
      this.#assertWell();
      const job = this.#underWay(board)?.id;
      try {
        if (job !== undefined) {
          await this.#client.ask(jobRoutes[act], { params: { job } });
          return;
        }
      } catch (error) {
        // It may have ended just now; then it is the next one's turn.
        if (!(error instanceof FnloopError) || error.code !== 'usage') throw error;
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  #underWay(board: string): Job | undefined {
    return this.#jobs.find((job) => job.board === board && ['running', 'paused'].includes(job.state));
  }

  /** Throws for a job that has ended early by itself: others would wait behind it for ever. */
  #assertWell(): void {
    const ill = this.#jobs.find(({ state }) => state === 'failed' || state === 'interrupted');
    if (ill !== undefined) throw new Error(`Job ${ill.id} on ${ill.board} is ${ill.state}: ${ill.reason}`);
  }

  async #look(): Promise<void> {
    this.#jobs = await this.#client.ask(jobRoutes.listJobs);
  }

  async #feed(): Promise<void> {
    while (this.#isFeeding) {
      await this.#look();
      for (const board of this.#boards) {
        if (this.#jobs.some((job) => job.board === board && job.state === 'queued')) continue;
        const overrides = { seed: this.#jobs.length + 1, method: { steps: this.#steps }, policy: QUICK };
        await this.#client.ask(jobRoutes.submitJob, {
          body: { board, experiment: 'breast-cancer', overrides },
        });
      }
      await sleep(LOOK_EVERY_MS);
    }
  }
}
