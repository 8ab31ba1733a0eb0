import type { BoardParts } from '../board/board-parts.ts';
import type { LinkStatistics } from '../board/link-statistics.ts';
import type { NotedRests } from '../board/rest-watch.ts';
import type { BoardIdentity } from '../board/types.ts';
import type { BudgetSettings, Experiment } from '../config/experiment.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { EpochPlan } from '../training/epoch-plan.ts';
import type { Suspenders } from './config.ts';
import type {
  AppliedChange,
  BoardInfo,
  CellStatus,
  JobProgress,
  OutsideChange,
  StepEvent,
  UpdatesEvent,
} from './lab.ts';

/** What a worker has to know of its board. */
export interface WorkerSettings {
  readonly address: string;
  readonly runs: string;
  readonly device: Experiment['device'];
  readonly calibration?: string | undefined;
  readonly budget?: BudgetSettings | undefined;
  readonly patienceMs: number;
  readonly suspend?: Suspenders | undefined;
  readonly influx?: { readonly url: string; readonly credentials?: string | undefined } | undefined;
}

/** Who wants a run to rest. It goes on when nobody does any more. */
export const holders = ['asked', 'safe', 'suspended', 'disk'] as const;
export type Holder = (typeof holders)[number];

export interface SessionOpening {
  readonly runId: string;
  readonly cells: number;
  readonly policy: Experiment['policy'];
  readonly askedBy: string;
  readonly idleMs: number;
}

/** A run whose process died. */
export interface CutRun {
  readonly runId: string;
  readonly reason: string;
}

/** What a daemon asks of a worker, and what that answers. */
export interface Asks {
  /** Connects, and settles with the board what a process before this one left open. */
  connect: {
    readonly ask: {
      readonly settings: WorkerSettings;
      readonly cutRuns: readonly CutRun[];
      readonly earlier: BoardParts['earlier'];
    };
    readonly answer: { readonly identity: BoardIdentity; readonly noted: NotedRests | null };
  };
  /** Answered once it is under way; how it ends is news. */
  run: { readonly ask: { readonly runId: string; readonly experiment: Experiment }; readonly answer: null };
  resume: {
    readonly ask: { readonly runId: string; readonly experiment: Experiment };
    readonly answer: null;
  };
  /** Ends the run after the batch in flight. */
  stop: { readonly ask: null; readonly answer: null };
  hold: { readonly ask: { readonly by: Holder; readonly reason: string }; readonly answer: null };
  release: { readonly ask: { readonly by: readonly Holder[] }; readonly answer: null };
  /** `by` says in words who wants it: the board then rests until somebody says go on. */
  safe: { readonly ask: { readonly by: string }; readonly answer: { readonly wasArmed: boolean } };
  /** A person says that the board may work again, knowing of all its rests until now. */
  'go-on': { readonly ask: null; readonly answer: NotedRests | null };
  info: { readonly ask: null; readonly answer: Omit<BoardInfo, 'address'> };
  cells: { readonly ask: null; readonly answer: readonly CellStatus[] };
  /** What an epoch would send, from the cells as they are. Nothing is sent but readings. */
  plan: { readonly ask: Experiment; readonly answer: EpochPlan };
  'open-session': { readonly ask: SessionOpening; readonly answer: null };
  weights: {
    readonly ask: null;
    readonly answer: {
      readonly cells: readonly { readonly cell: number; readonly weightV: number }[];
      readonly boardTimeUs: number;
    };
  };
  apply: { readonly ask: readonly OutsideChange[]; readonly answer: readonly AppliedChange[] };
  'close-session': { readonly ask: null; readonly answer: null };
  /** Other bands from now on. */
  suspend: { readonly ask: Suspenders | null; readonly answer: null };
  /** Batches in flight end, outputs come to rest, files close; then the worker leaves. */
  end: { readonly ask: null; readonly answer: null };
}
export type AskKind = keyof Asks;

/** A question on its way to a worker. */
export type Asked = {
  readonly [Kind in AskKind]: { readonly id: number; readonly kind: Kind; readonly ask: Asks[Kind]['ask'] };
}[AskKind];

/** An error on its way between processes. */
export interface SentError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly problems: readonly string[];
}

/** How a run or a session ended. */
export interface WorkEnded {
  readonly kind: 'work-ended';
  readonly runId: string;
  readonly status: 'finished' | 'interrupted' | 'failed';
  /** Of what ended it early; null where that was no error. */
  readonly error: SentError | null;
}

/** What a worker tells without being asked. */
export type WorkerNews =
  | { readonly kind: 'up' }
  | { readonly kind: 'link'; readonly what: 'lost' | 'back' | 'ended'; readonly reason: string }
  | { readonly kind: 'status'; readonly link: LinkStatistics; readonly temperatureK: number | null }
  | { readonly kind: 'step'; readonly step: Omit<StepEvent, 'kind' | 'board' | 'job'> }
  | { readonly kind: 'updates'; readonly updates: Omit<UpdatesEvent, 'kind' | 'board'> }
  | { readonly kind: 'progress'; readonly progress: JobProgress }
  /** Something else than the work of this process has brought the board to rest. */
  | { readonly kind: 'rested'; readonly reason: string }
  /** All that holds the run at present; empty where it goes on. */
  | { readonly kind: 'held'; readonly by: readonly { readonly by: Holder; readonly reason: string }[] }
  | WorkEnded
  | { readonly kind: 'note'; readonly level: 'info' | 'warn' | 'error'; readonly text: string };

/** What a worker sends. */
export type FromWorker =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'refusal'; readonly id: number; readonly error: SentError }
  | { readonly kind: 'news'; readonly news: WorkerNews };
