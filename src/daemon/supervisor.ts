import { type Observable, Subject } from 'rxjs';
import type { Experiment } from '../config/experiment.ts';
import type { Clock } from '../core/clock.ts';
import { FnloopError, messageOf } from '../core/errors.ts';
import { newRunId } from '../store/run-folder.ts';
import type { EpochPlan } from '../training/epoch-plan.ts';
import { BoardSupervisor, type StartWorker } from './board-supervisor.ts';
import type { DaemonConfig } from './config.ts';
import { afterCut, CUT_REASON, hasRunFile } from './cut-jobs.ts';
import { JobBook } from './job-book.ts';
import { jobEnd } from './job-end.ts';
import type { JobQueue } from './job-queue.ts';
import type { KeptJob } from './job-queue-format.ts';
import { JobSteering } from './job-steering.ts';
import type {
  AppliedChange,
  BoardInfo,
  BoardStatus,
  CellStatus,
  Job,
  Lab,
  LabEvent,
  Loan,
  LoanRequest,
  OutsideChange,
  Session,
  SessionRequest,
  SessionWeights,
} from './lab.ts';
import { labEventOf } from './lab-events.ts';
import { LoanFile } from './loan-file.ts';
import { Loans } from './loans.ts';
import type { WorkEnded, WorkerNews } from './messages.ts';
import { RestFile } from './rest-file.ts';
import { Sessions } from './sessions.ts';
import { allowedExperiment } from './submission.ts';
import { workerSettings } from './worker-settings.ts';

export type Log = (
  level: 'info' | 'warn' | 'error',
  text: string,
  about?: { readonly board?: string },
) => void;

export interface SupervisorParts {
  readonly config: DaemonConfig;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly startWorker: StartWorker;
  readonly log: Log;
  /** A session ends when nothing is asked for so long. */
  readonly sessionIdleMs?: number;
  /** A loan ends when nothing is heard of who has the board for so long. */
  readonly loanValidMs?: number;
}

/** The boards and jobs of the daemon: what begins when, what becomes of it, and whom to tell. */
export class Supervisor implements Lab {
  readonly #parts: SupervisorParts;
  readonly #jobs: JobBook;
  readonly #boards = new Map<string, BoardSupervisor>();
  readonly #sessions: Sessions;
  readonly #loans: Loans;
  readonly #steering: JobSteering;
  readonly #rests: RestFile;
  readonly #leaving = new Set<string>();
  readonly #events = new Subject<LabEvent>();
  #config: DaemonConfig;
  /** Why no run may begin or go on; undefined while all may. */
  #halt: string | undefined;
  #isClosing = false;

  readonly events$: Observable<LabEvent> = this.#events.asObservable();

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
    this.#sessions = new Sessions(parts.clock, parts.sessionIdleMs);
    this.#loans = new Loans({
      file: new LoanFile(parts.config.runs),
      ended: (board) => this.#jobs.cutInterrupted(board),
      validMs: parts.loanValidMs,
    });
    this.#rests = new RestFile(parts.config.runs);
    this.#jobs = new JobBook(parts.queue, (job) => this.#events.next({ kind: 'job', job }));
    this.#steering = new JobSteering({
      jobs: this.#jobs,
      boardOf: (name) => this.#board(name),
      begin: (name) => this.#begin(name),
    });
    this.#config = parts.config;
  }

  /** Takes up what the last daemon left, and all boards. */
  start(): void {
    for (const { id, state, reason, board } of this.#jobs.queue.all) {
      if (state === 'running' || state === 'paused')
        this.#parts.log('warn', `Job ${id} was cut off.`, { board });
      else if (state !== 'interrupted') continue;
      this.#jobs.cut(id, reason ?? CUT_REASON);
    }
    for (const name of Object.keys(this.#config.boards)) this.#addBoard(name);
  }

  /** Batches in flight end, outputs come to rest, files close. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#loans.close();
    await Promise.all([...this.#boards.values()].map((board) => board.end()));
    this.#events.complete();
  }

  /** Takes another configuration without touching what is under way. */
  reload(config: DaemonConfig): void {
    this.#config = config;
    for (const name of Object.keys(config.boards)) {
      this.#leaving.delete(name);
      const board = this.#boards.get(name);
      if (board === undefined) this.#addBoard(name);
      else this.#renew(board);
    }
    for (const name of this.#boards.keys()) if (config.boards[name] === undefined) this.#leaving.add(name);
    for (const name of this.#leaving) this.#leave(name);
  }

  /** No run begins, and those under way rest, until that is over. */
  halt(reason: string | undefined): void {
    if (reason === this.#halt) return;
    this.#halt = reason;
    this.#parts.log(reason === undefined ? 'info' : 'warn', reason ?? 'Runs may go on.');
    for (const board of this.#boards.values()) this.#tellHalt(board);
    for (const name of this.#boards.keys()) this.#begin(name);
  }

  /** Process of a board, while it has one. */
  pidOf(name: string): number | undefined {
    return this.#board(name).pid;
  }

  boards(): readonly BoardStatus[] {
    return [...this.#boards.keys()].map((name) => this.#status(this.#board(name)));
  }

  jobs(): readonly Job[] {
    return this.#jobs.all;
  }

  async submit(board: string, experiment: Experiment, askedBy: string): Promise<Job> {
    const { settings } = this.#staying(board);
    const allowed = allowedExperiment(experiment, board, settings);
    const askedWallNs = String(this.#parts.clock.wallNs());
    const job = this.#jobs.queue.add({ board, experiment: allowed, askedBy, askedWallNs });
    this.#jobs.told(job);
    this.#begin(board);
    return this.#jobs.find(job.id);
  }

  async plan(board: string, experiment: Experiment): Promise<EpochPlan> {
    const { settings } = this.#staying(board);
    return this.#board(board).ask('plan', allowedExperiment(experiment, board, settings));
  }

  order = (job: string, before: string | null) => this.#steering.order(job, before);
  pause = (job: string) => this.#steering.pause(job);
  resume = (job: string) => this.#steering.resume(job);
  stop = (job: string) => this.#steering.stop(job);

  info = async (board: string): Promise<BoardInfo> => this.#board(board).info();
  safe = async (board: string, askedBy: string) => this.#board(board).safe(`SAFE of ${askedBy}`);

  async goOn(name: string): Promise<BoardStatus> {
    await this.#board(name).goOn();
    this.#begin(name);
    return this.#status(this.#board(name));
  }

  async quarantine(name: string, reason: string): Promise<BoardStatus> {
    this.#loans.revoke(name);
    this.#board(name).quarantine(reason);
    return this.#status(this.#board(name));
  }

  async release(name: string): Promise<BoardStatus> {
    this.#board(name).release();
    return this.#status(this.#board(name));
  }

  cells(board: string): Promise<readonly CellStatus[]> {
    return this.#board(board).ask('cells', null);
  }

  async openSession(request: SessionRequest): Promise<Session> {
    const board = this.#staying(request.board);
    if (this.#halt !== undefined) throw new FnloopError('usage', this.#halt);
    return this.#sessions.open(board, request);
  }

  async weights(session: string): Promise<SessionWeights> {
    return this.#sessions.boardOf(session).ask('weights', null);
  }

  async apply(session: string, changes: readonly OutsideChange[]): Promise<readonly AppliedChange[]> {
    return this.#sessions.boardOf(session).ask('apply', changes);
  }

  async closeSession(session: string): Promise<void> {
    await this.#sessions.boardOf(session).ask('close-session', null);
  }

  async lend(request: LoanRequest): Promise<Loan> {
    const board = this.#staying(request.board);
    return this.#loans.begin(board, this.#jobs.underWay(board.name), request);
  }

  keepLoan = async (loan: string): Promise<Loan> => this.#loans.keep(loan);
  endLoan = async (loan: string): Promise<void> => this.#loans.end(loan);

  #addBoard(name: string): void {
    const parts = { ...this.#parts, rests: this.#rests };
    const settings = workerSettings(this.#config, name);
    const board = new BoardSupervisor(name, settings, parts, {
      cutRuns: () => this.#jobs.cutRunsOf(name),
      connected: () => void this.#connected(name),
      changed: () => this.#tellBoard(name),
      hear: (news) => this.#hear(name, news),
      died: (reason) => this.#died(name, reason),
      log: (level, text) => this.#parts.log(level, text, { board: name }),
    });
    this.#boards.set(name, board);
    if (!this.#loans.goOn(board)) board.begin();
  }

  /** Other settings for a board: at once those that may change while it works, the rest as soon as it does not. */
  #renew(board: BoardSupervisor): void {
    const settings = workerSettings(this.#config, board.name);
    const { suspend, ...rest } = settings;
    const { suspend: before, ...restBefore } = board.settings;
    if (JSON.stringify(rest) !== JSON.stringify(restBefore)) {
      if (!board.isBusy) board.restart(settings);
    } else if (JSON.stringify(suspend) !== JSON.stringify(before)) {
      board.settings = settings;
      board.ask('suspend', suspend ?? null).catch(() => {});
    }
  }

  #leave(name: string): void {
    const board = this.#boards.get(name);
    if (board === undefined || board.isBusy) return;
    this.#boards.delete(name);
    this.#leaving.delete(name);
    this.#loans.revoke(name);
    this.#parts.log('info', 'It was taken out of the configuration.', { board: name });
    void board.end();
  }

  /** What was cut off is judged first: it may be that it is to be gone on with. */
  async #connected(name: string): Promise<void> {
    for (const job of this.#jobs.cutOf(name)) {
      const found = await afterCut(this.#config.runs, job);
      this.#jobs.judged(job.id, found);
      this.#parts.log('info', `Job ${job.id} was cut off and is ${found.state} now.`, { board: name });
    }
    if (this.#config.resume === 'automatic' && this.#board(name).rest === null)
      for (const { id, state } of this.#jobs.queue.ofBoard(name))
        if (state === 'interrupted') this.#jobs.change(id, { state: 'queued', reason: null });
    this.#tellHalt(this.#board(name));
    this.#begin(name);
  }

  #tellHalt(board: BoardSupervisor): void {
    const telling =
      this.#halt === undefined
        ? board.ask('release', { by: ['disk'] })
        : board.ask('hold', { by: 'disk', reason: this.#halt });
    // One that is not connected is told once it is.
    telling.catch(() => {});
  }

  /** Begins the next job of a board that is free for it. */
  #begin(name: string): void {
    const board = this.#boards.get(name);
    if (board?.isReady !== true || this.#isClosing || this.#halt !== undefined || this.#leaving.has(name))
      return;
    if (this.#jobs.cutOf(name).length > 0) return;
    const job = this.#jobs.queue.nextOf(name);
    if (job !== undefined) void this.#run(board, job);
  }

  async #run(board: BoardSupervisor, { id, experiment, runId: begun }: KeptJob): Promise<void> {
    const { task, seed } = experiment;
    const runId = begun ?? newRunId(this.#parts.clock.wallNs(), `${board.name}-${task.name}`, seed);
    board.workBegun();
    this.#jobs.change(id, { state: 'running', reason: null, runId });
    try {
      await board.ask(begun === null ? 'run' : 'resume', { runId, experiment });
    } catch (error) {
      // A process that died has ended its job already.
      if (this.#jobs.queue.find(id).state !== 'running') return;
      const code = error instanceof FnloopError ? error.code : 'invariant';
      const sent = { code, message: messageOf(error), problems: [] };
      this.#workEnded(board, { runId, status: 'failed', error: sent });
    }
  }

  #hear(name: string, news: WorkerNews): void {
    const board = this.#boards.get(name);
    const job = this.#jobs.underWay(name);
    const event = labEventOf(name, job?.id ?? this.#sessions.of(name)?.id ?? '', news);
    if (event !== undefined) this.#events.next(event);
    switch (news.kind) {
      case 'progress':
        if (job === undefined) return;
        this.#jobs.progressed(job, news.progress);
        return;
      case 'held': {
        if (job === undefined) return;
        const reason = news.by.map((each) => each.reason).join(' ');
        this.#jobs.change(
          job.id,
          reason === '' ? { state: 'running', reason: null } : { state: 'paused', reason },
        );
        return;
      }
      case 'work-ended':
        if (board !== undefined) this.#workEnded(board, news);
        return;
      default:
        return;
    }
  }

  #workEnded(board: BoardSupervisor, ended: Pick<WorkEnded, 'runId' | 'status' | 'error'>): void {
    const job = this.#jobs.underWay(board.name);
    const end = jobEnd(ended, {
      wasStopped: job !== undefined && this.#steering.wasStopped(job.id),
      hasBegun: hasRunFile(this.#config.runs, ended.runId),
      otherwise: this.#isClosing
        ? 'The daemon was ended while it ran.'
        : `Its board was taken out of service: ${board.status.reason ?? board.status.state}`,
    });
    if (job?.runId === ended.runId) {
      const { fault: _, ...change } = end;
      this.#jobs.change(job.id, { ...change, ...(end.state === 'queued' ? { runId: null } : {}) });
      this.#parts.log(
        end.state === 'finished' ? 'info' : 'warn',
        `Job ${job.id} ${end.state}, run ${ended.runId}.`,
        { board: board.name },
      );
      board.workEnded(end.fault);
    } else this.#sessions.end(board.name, end.fault);
    this.#afterWork(board);
  }

  #afterWork(board: BoardSupervisor): void {
    if (this.#leaving.has(board.name)) {
      this.#leave(board.name);
      return;
    }
    const settings = this.#config.boards[board.name];
    if (settings !== undefined && !this.#isClosing) this.#renew(board);
    this.#begin(board.name);
  }

  #died(name: string, reason: string): void {
    const job = this.#jobs.underWay(name);
    this.#sessions.end(name, null);
    if (job === undefined || this.#isClosing) return;
    this.#steering.wasStopped(job.id);
    this.#jobs.cut(job.id, `The process of its board ended: ${reason}.`);
  }

  /** Throws `usage` where there is none. */
  #board(name: string): BoardSupervisor {
    const board = this.#boards.get(name);
    if (board === undefined) throw new FnloopError('usage', `There is no board '${name}'.`);
    return board;
  }

  #staying(name: string): BoardSupervisor {
    const board = this.#board(name);
    if (this.#leaving.has(name))
      throw new FnloopError('usage', `Board ${name} was taken out of the configuration.`);
    return board;
  }

  #status(board: BoardSupervisor): BoardStatus {
    const { name } = board;
    return {
      ...board.status,
      job: this.#jobs.underWay(name)?.id ?? null,
      session: this.#sessions.of(name)?.id ?? null,
    };
  }

  #tellBoard(name: string): void {
    const board = this.#boards.get(name);
    if (board !== undefined) this.#events.next({ kind: 'board', board: this.#status(board) });
  }
}
