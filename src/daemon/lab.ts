import type { Observable } from 'rxjs';
import type { LinkStatistics } from '../board/link-statistics.ts';
import type { BoardIdentity } from '../board/types.ts';
import type { Experiment } from '../config/experiment.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { EpochPlan } from '../training/epoch-plan.ts';
import type { CurvePoint } from './curve.ts';

/** What a board that the daemon looks after may be in. */
export const boardStates = [
  'absent',
  'connecting',
  'ready',
  'running',
  /** Connected and at rest: something else than the daemon's own work brought it there, until a person says go on. */
  'resting',
  'fault',
  'quarantined',
  'lent',
] as const;
export type BoardState = (typeof boardStates)[number];

/** One board as anybody may see it. */
export interface BoardStatus {
  /** Its name in the daemon's configuration. */
  readonly name: string;
  readonly address: string;
  readonly state: BoardState;
  /** Why it is in that state, a sentence; null where that needs no reason. */
  readonly reason: string | null;
  readonly sinceWallNs: string;
  /** Of the last greeting; null before the first one. */
  readonly identity: BoardIdentity | null;
  /** The job under way on it. */
  readonly job: string | null;
  /** A session that steers it from outside; null where none is open. */
  readonly session: string | null;
  readonly temperatureK: number | null;
  readonly link: LinkStatistics | null;
}

/** What a connected board says when it is asked. */
export interface BoardInfo {
  readonly address: string;
  /** Of the last greeting. */
  readonly identity: BoardIdentity;
  readonly armed: 'yes' | 'no';
  readonly badLines: number;
  readonly link: LinkStatistics;
}

export const jobStates = [
  'queued',
  'running',
  'paused',
  'finished',
  'stopped',
  'interrupted',
  'failed',
] as const;
export type JobState = (typeof jobStates)[number];

/** An experiment that was asked for. Jobs of a board are done in their order, one at a time. */
export interface Job {
  readonly id: string;
  readonly board: string;
  readonly experiment: Experiment;
  readonly state: JobState;
  /** Why it is in that state; null where that needs no reason. */
  readonly reason: string | null;
  /** Of the error that ended it; absent where none did. */
  readonly code?: ErrorCode | undefined;
  /** Null before it has begun. */
  readonly runId: string | null;
  readonly askedBy: string;
  readonly askedWallNs: string;
  readonly progress: JobProgress | null;
}

/** How far a run is, from its own committed steps. */
export interface JobProgress {
  readonly step: number;
  readonly steps: number;
  readonly updates: number;
  readonly testAccuracy: number | null;
  /** Mean over its updates, full-cycle. */
  readonly energyPerUpdateFJ: number | null;
  readonly boundsPerUpdateZJ: Readonly<Record<string, number>> | null;
  readonly updatesPerS: number;
  /** Rows that wait for the database; null where nothing is shipped. */
  readonly backlogRows: number | null;
}

/** A cell as a map of the array shows it. */
export interface CellStatus {
  readonly cell: number;
  readonly weightV: number;
  /** Over all runs, as the board's history has it. */
  readonly pulses: number;
  readonly chargeFC: number;
  /** Largest share of a budget that either node has used; null without a budget. */
  readonly budgetUsedRel: number | null;
  /** Null for a good cell, or one that nobody has calibrated. */
  readonly fault: string | null;
}

/** A step of a live run, as it was committed. */
export interface StepEvent extends CurvePoint {
  readonly kind: 'step';
  readonly board: string;
  readonly job: string;
  readonly runId: string;
  /** Of this step. */
  readonly updates: number;
  readonly timeNs: string;
}

/** Updates of a live run, several at a time. */
export interface UpdatesEvent {
  readonly kind: 'updates';
  readonly board: string;
  readonly runId: string;
  readonly updates: readonly {
    readonly update: number;
    readonly cell: number;
    readonly kind: 'SET' | 'RESET';
    readonly energyFJ: number;
    readonly weightAfterV: number | null;
  }[];
}

export interface LinkEvent {
  readonly kind: 'link';
  readonly board: string;
  readonly link: LinkStatistics;
}

export type LabEvent =
  | StepEvent
  | UpdatesEvent
  | LinkEvent
  | { readonly kind: 'board'; readonly board: BoardStatus }
  | { readonly kind: 'job'; readonly job: Job };

/** A wanted change of one weight, from a trainer outside. */
export interface OutsideChange {
  readonly cell: number;
  readonly wantedV: number;
}

/** What became of it. */
export interface AppliedChange {
  readonly cell: number;
  readonly wantedV: number;
  /** Change of the weight as read; the policy may keep a part in its residual. */
  readonly appliedV: number;
  readonly pulses: number;
  readonly energyFJ: number;
  readonly sigmaFJ: number;
}

export interface SessionWeights {
  readonly cells: readonly { readonly cell: number; readonly weightV: number }[];
  readonly boardTimeUs: number;
}

/** A board in the hands of a client; its run file records all of it. */
export interface Session {
  readonly id: string;
  readonly board: string;
  readonly runId: string;
  /** Ends by itself when nothing is asked for so long, ms. */
  readonly idleMs: number;
}

/** What a session is opened with. */
export interface SessionRequest {
  readonly board: string;
  readonly cells: number;
  readonly policy: Experiment['policy'];
  readonly askedBy: string;
}

/** What a board is lent for. */
export interface LoanRequest {
  readonly board: string;
  /** Which command, of which process. */
  readonly purpose: string;
  readonly askedBy: string;
}

/** A board whose port the daemon has left to another process. */
export interface Loan {
  readonly id: string;
  readonly board: string;
  /** Ends by itself when it is not kept up for so long, ms. */
  readonly validMs: number;
}

/**
 * The boards and runs of a daemon, for whoever may steer them: API, page, command line. Every method that changes something
 * resolves once the change is on disk or on the board. Rejects with FnloopError: `usage` where names or states do not fit,
 * else as the work itself.
 */
export interface Lab {
  boards(): readonly BoardStatus[];
  jobs(): readonly Job[];
  /** Hot; never errors; completes when the daemon ends. */
  readonly events$: Observable<LabEvent>;
  /** Asks the board itself, in the middle of a run too. Rejects with `link-lost` while it is not connected. */
  info(board: string): Promise<BoardInfo>;
  /** What an epoch would send: reads the board, changes nothing. Rejects with `usage` while it is not ready. */
  plan(board: string, experiment: Experiment): Promise<EpochPlan>;
  /** Queues an experiment on a board, whose address replaces the experiment's own. */
  submit(board: string, experiment: Experiment, askedBy: string): Promise<Job>;
  /** Moves a queued job before another of its board, or to the end. */
  order(job: string, before: string | null): Promise<Job>;
  /** After the batch in flight. */
  pause(job: string): Promise<Job>;
  resume(job: string): Promise<Job>;
  /** A queued job is taken off; a running one ends after the batch in flight. */
  stop(job: string): Promise<Job>;
  /** Brings outputs to rest and disarms, whatever the board is doing; a running job is then paused. */
  safe(board: string, askedBy: string): Promise<{ readonly wasArmed: boolean }>;
  /** A person says that a board may work again that was brought to rest. */
  goOn(board: string): Promise<BoardStatus>;
  /** Takes a board out of, or back into, service. */
  quarantine(board: string, reason: string): Promise<BoardStatus>;
  release(board: string): Promise<BoardStatus>;
  /** The array by its last reading. */
  cells(board: string): Promise<readonly CellStatus[]>;
  openSession(request: SessionRequest): Promise<Session>;
  /** Reads the chip. */
  weights(session: string): Promise<SessionWeights>;
  /** Turns wanted changes into pulses, accounts for them, and reads again. */
  apply(session: string, changes: readonly OutsideChange[]): Promise<readonly AppliedChange[]>;
  closeSession(session: string): Promise<void>;
  /** Resolves once its outputs are at rest and its port is free. Rejects with `usage` while a job or a session is under way. */
  lend(request: LoanRequest): Promise<Loan>;
  /** Rejects with `not-found` where the loan is over. */
  keepLoan(loan: string): Promise<Loan>;
  /** The daemon takes the board up again. Rejects with `not-found` where the loan is over already. */
  endLoan(loan: string): Promise<void>;
}
