import { Subject } from 'rxjs';
import { noLinkStatistics } from '../../src/board/link-statistics.ts';
import type { BoardIdentity } from '../../src/board/types.ts';
import { readShipped } from '../../src/config/experiment-file.ts';
import { FnloopError } from '../../src/core/errors.ts';
import type { BoardStatus, Job, JobState, Lab, LabEvent, Loan, Session } from '../../src/daemon/lab.ts';
import type { EpochPlan } from '../../src/training/epoch-plan.ts';

const identity: BoardIdentity = {
  proto: '1.0',
  source: 'mock',
  clock: 'virtual',
  firmware: 'mock-1',
  boardId: 'dam-a:1',
  bootNonce: 1,
  lastBatch: 0,
  rows: 8,
  columns: 8,
  minAmplitudeV: 0.1,
  maxAmplitudeV: 5,
  minWidthUs: 1,
  maxWidthUs: 1_000_000,
  waves: 64,
  lineBytes: 4096,
  window: 8,
  receiveBytes: 65_536,
  results: 64,
  adcFullScaleV: 10,
  adcBits: 24,
  readGain: 1,
  readAverages: 16,
  readGroupNodes: 8,
  readGroupUs: 1000,
  dacFullScaleV: 5,
  dacBits: 16,
  boardTimeUs: 0,
};

const board = (name: string): BoardStatus => ({
  name,
  address: `mock:dam-a?cells=64&seed=${name.length}`,
  state: 'ready',
  reason: null,
  sinceWallNs: '1700000000000000000',
  identity,
  job: null,
  session: null,
  temperatureK: 300,
  link: noLinkStatistics(),
});

/** A lab of two boards with perfect cells; `asked` says what was asked of it that changes something. */
export class FakeLab implements Lab {
  readonly asked: string[] = [];
  readonly news = new Subject<LabEvent>();
  readonly events$ = this.news.asObservable();
  readonly #boards = new Map([board('left'), board('right')].map((status) => [status.name, status]));
  readonly #jobs: Job[] = [];
  readonly #weightsV = new Map<string, Float64Array>();

  boards(): readonly BoardStatus[] {
    return [...this.#boards.values()];
  }

  jobs(): readonly Job[] {
    return this.#jobs;
  }

  async plan(name: string, { seed, task, policy, method }: Job['experiment']): Promise<EpochPlan> {
    const none = { mean: null, sigma: null, total: 0 };
    const part = {
      updates: 1,
      pulses: 1,
      batches: 1,
      slots: 1,
      clipped: 0,
      boardTimeS: 0.2,
      wireBytes: { toBoard: 10, toHost: 10 },
      energyFJ: { 'full-cycle': none, 'half-cv2': none, tunneling: none },
      chargeFC: { tunneled: none, driven: none },
    };
    return {
      boardId: name,
      source: 'mock',
      seed,
      task: task.name,
      policy: policy.name,
      steps: 1,
      stepsOfExperiment: method.steps,
      cells: { used: 31, onBoard: 64 },
      weightV: { min: -0.1, max: 0.1 },
      nodeV: { min: 7.9, max: 8 },
      validNodeV: { min: 6, max: 9 },
      setUpWireBytes: { toBoard: 10, toHost: 10 },
      bringUp: part,
      training: part,
      stress: [{ name: 'longest pulse', worst: 0.2, unit: 's', limit: 1, share: 0.2, node: null }],
      problems: [],
    };
  }

  async submit(name: string, experiment: Job['experiment'], askedBy: string): Promise<Job> {
    this.asked.push(`submit ${name}`);
    const job: Job = {
      id: `j${this.#jobs.length + 1}`,
      board: name,
      experiment,
      state: 'queued',
      reason: null,
      runId: null,
      askedBy,
      askedWallNs: '1700000000000000000',
      progress: null,
    };
    this.#jobs.push(job);
    return job;
  }

  async order(id: string, before: string | null): Promise<Job> {
    this.asked.push(`order ${id} ${before}`);
    const [job] = this.#jobs.splice(this.#at(id), 1);
    if (job === undefined) throw new FnloopError('usage', 'no job');
    this.#jobs.splice(before === null ? this.#jobs.length : this.#at(before), 0, job);
    return job;
  }

  pause = (id: string) => this.#become(id, 'paused');
  resume = (id: string) => this.#become(id, 'running');
  stop = (id: string) => this.#become(id, 'stopped');

  async goOn(name: string) {
    this.asked.push(`go-on ${name}`);
    return this.#boards.get(name) ?? board(name);
  }

  async safe(name: string) {
    this.asked.push(`safe ${name}`);
    return { wasArmed: true };
  }

  async info(name: string) {
    const { address, link } = this.#boards.get(name) ?? board(name);
    return { address, identity, armed: 'no' as const, badLines: 0, link: link ?? noLinkStatistics() };
  }

  quarantine = async (name: string, reason: string) => this.set(name, { state: 'quarantined', reason });
  release = async (name: string) => this.set(name, { state: 'ready', reason: null });

  async cells() {
    return [{ cell: 0, weightV: 0.01, pulses: 3, chargeFC: 0.1, budgetUsedRel: null, fault: null }];
  }

  async openSession({ board: name, cells, askedBy }: Parameters<Lab['openSession']>[0]): Promise<Session> {
    this.asked.push(`session ${name} ${askedBy}`);
    const id = `s${this.asked.length}`;
    this.#weightsV.set(id, new Float64Array(cells).fill(1e-4));
    this.set(name, { session: id });
    return { id, board: name, runId: 'outside', idleMs: 60_000 };
  }

  async weights(id: string) {
    const cells = [...this.#weightsOf(id)].map((weightV, cell) => ({ cell, weightV }));
    return { cells, boardTimeUs: 1 };
  }

  async apply(id: string, changes: Parameters<Lab['apply']>[1]) {
    this.asked.push(`apply ${changes.length}`);
    const weightsV = this.#weightsOf(id);
    return changes.map(({ cell, wantedV }) => {
      weightsV[cell] = (weightsV[cell] ?? Number.NaN) + wantedV;
      return { cell, wantedV, appliedV: wantedV, pulses: 1, energyFJ: 8, sigmaFJ: 0.1 };
    });
  }

  async closeSession(id: string) {
    this.asked.push('close');
    this.#weightsV.delete(id);
    for (const { name, session } of this.boards()) if (session === id) this.set(name, { session: null });
  }

  async lend({ board: name, purpose, askedBy }: Parameters<Lab['lend']>[0]): Promise<Loan> {
    this.set(name, { state: 'lent', reason: `Lent to ${askedBy}: ${purpose}.` });
    return { id: `l-${name}`, board: name, validMs: 30_000 };
  }

  async keepLoan(id: string): Promise<Loan> {
    const name = id.replace('l-', '');
    if (this.#boards.get(name)?.state !== 'lent') throw new FnloopError('not-found', 'no loan');
    return { id, board: name, validMs: 30_000 };
  }

  async endLoan(id: string) {
    const { board: name } = await this.keepLoan(id);
    this.set(name, { state: 'ready', reason: null });
  }

  set(name: string, changes: Partial<BoardStatus>): BoardStatus {
    const status = { ...(this.#boards.get(name) ?? board(name)), ...changes };
    if (!('session' in changes)) this.asked.push(`set ${name}`);
    this.#boards.set(name, status);
    this.news.next({ kind: 'board', board: status });
    return status;
  }

  /** Puts a job there without anybody asking. */
  put(changes: Partial<Job>): Job {
    const job: Job = {
      id: `p${this.#jobs.length + 1}`,
      board: 'left',
      experiment: readShipped('breast-cancer'),
      state: 'queued',
      reason: null,
      runId: null,
      askedBy: 'test',
      askedWallNs: '1700000000000000000',
      progress: null,
      ...changes,
    };
    this.#jobs.push(job);
    return job;
  }

  change(id: string, changes: Partial<Job>): Job {
    const at = this.#at(id);
    const before = this.#jobs[at];
    if (before === undefined) throw new FnloopError('usage', 'no job');
    const job = { ...before, ...changes };
    this.#jobs[at] = job;
    this.news.next({ kind: 'job', job });
    return job;
  }

  async #become(id: string, state: JobState): Promise<Job> {
    this.asked.push(`${state} ${id}`);
    return this.change(id, { state });
  }

  #weightsOf(id: string): Float64Array {
    const weights = this.#weightsV.get(id);
    if (weights === undefined) throw new FnloopError('usage', 'no session');
    return weights;
  }

  #at(id: string): number {
    return this.#jobs.findIndex((job) => job.id === id);
  }
}
