import pLimit from 'p-limit';
import type { Board } from '../../board/board.ts';
import { broughtToRest, type ForeignRest } from '../../board/rest-watch.ts';
import type { Experiment } from '../../config/experiment.ts';
import { accountingSchema } from '../../config/experiment.ts';
import type { Clock } from '../../core/clock.ts';
import { FnloopError, messageOf } from '../../core/errors.ts';
import { seededRandom } from '../../core/random.ts';
import { within } from '../../core/waiting.ts';
import { noHistory } from '../../training/board-history.ts';
import type { EpochPlan } from '../../training/epoch-plan.ts';
import { runExperiment } from '../../training/run-experiment.ts';
import { runOutside } from '../../training/run-outside.ts';
import { loadTask } from '../../training/task.ts';
import type { StepNews } from '../../training/training.ts';
import type { CellStatus } from '../lab.ts';
import type { AskKind, Asks, CutRun, SessionOpening, WorkerNews, WorkerSettings } from '../messages.ts';
import { sentError } from '../sent-errors.ts';
import { ArrayView } from './array-view.ts';
import { boardInfo } from './board-info.ts';
import { type ConnectionParts, connectBoard } from './connection.ts';
import { doorOf } from './door.ts';
import { Holds } from './holds.ts';
import { LiveRun } from './live-run.ts';
import { OutsideTrainer, overBecause } from './outside-trainer.ts';
import { goOnWithRun } from './resume-run.ts';
import {
  chipKnown,
  historyOf,
  type Prepared,
  planned,
  type RunWorkParts,
  recorded,
  reported,
  shipped,
} from './run-work.ts';
import { Watch } from './watch.ts';

type Ended = 'finished' | 'interrupted';

/** What is under way on the board. */
interface Work {
  readonly runId: string;
  readonly stop: AbortController;
  readonly trainer: OutsideTrainer | undefined;
  done: Promise<void>;
}

type Handlers = { readonly [Kind in AskKind]: (ask: Asks[Kind]['ask']) => Promise<Asks[Kind]['answer']> };

/** A batch in flight is waited for so long when the worker is to end; then SAFE cuts it. */
const GRACE_MS = 2_000;
const CUT_MS = 1_000;
const PROGRESS_EVERY_MS = 500;

/** One board in a process of its own: its link, its run, its files. */
export class BoardWorker {
  readonly #clock: Clock;
  readonly #tell: (news: WorkerNews) => void;
  readonly #ending = new AbortController();
  readonly #view = new ArrayView();
  readonly #holds: Holds;
  readonly #watch: Watch;
  /** Greeting the board anew, and questions to it while it is idle: one does not cut the other off. */
  readonly #turn = pLimit(1);
  readonly #door = doorOf({
    work: () => this.#work,
    settings: () => this.#settings,
    safe: (by) => this.#safe(by),
    tell: (news) => this.#tell(news),
  });
  #settings: WorkerSettings | undefined;
  #earlier: ConnectionParts['earlier'];
  #board: Board | undefined;
  #work: Work | undefined;
  /** A run has been done over this connection. */
  #isUsed = false;

  constructor(clock: Clock, tell: (news: WorkerNews) => void) {
    this.#clock = clock;
    this.#tell = tell;
    this.#holds = new Holds((by) => {
      tell({ kind: 'held', by });
      if (by.length > 0) this.#work?.trainer?.nudge();
    });
    this.#watch = new Watch(
      { clock, holds: this.#holds, tell },
      undefined,
      () => this.#work !== undefined && !this.#holds.isHeld,
    );
  }

  readonly #handlers: Handlers = {
    connect: async ({ settings, cutRuns, earlier }) => {
      await this.#work?.done;
      await this.#disconnect();
      this.#settings = settings;
      this.#earlier = earlier;
      this.#watch.bands = settings.suspend;
      const board = await connectBoard(this.#connecting(settings, cutRuns));
      this.#use(board);
      this.#isUsed = false;
      return { identity: board.identity, noted: board.work?.noted ?? null };
    },
    run: async ({ runId, experiment }) => this.#train(runId, experiment),
    resume: async ({ runId, experiment }) => {
      const live = new LiveRun(runId, experiment.method.steps, this.#tell);
      this.#begin(runId, undefined, live, (parts, signal) =>
        shipped(parts, live, PROGRESS_EVERY_MS, (shipping) => {
          const onStep = (news: StepNews) => this.#hear(news, live);
          return goOnWithRun({ ...parts, runId, signal, hold: this.#holds.hold, onStep, shipping });
        }),
      );
      return null;
    },
    stop: async () => this.#stop(),
    hold: async ({ by, reason }) => {
      this.#holds.set(by, reason);
      return null;
    },
    release: async ({ by }) => {
      this.#holds.lift(...by);
      return null;
    },
    safe: ({ by }) => this.#safe(by),
    'go-on': async () => {
      this.#board?.goOn();
      this.#holds.lift('safe');
      return this.#board?.work?.noted ?? null;
    },
    info: async () => boardInfo(this.#connected()),
    cells: () => this.#turn(() => this.#cells()),
    plan: (experiment) => this.#turn(() => this.#plan(experiment)),
    'open-session': (opening) => this.#openSession(opening),
    weights: async () => {
      const { weights, step } = await this.#trainer().weights();
      return { cells: weights, boardTimeUs: step.board_time_us };
    },
    apply: (changes) => this.#trainer().apply(changes),
    'close-session': async () => {
      this.#trainer().end(overBecause('it was closed'));
      await this.#work?.done;
      return null;
    },
    suspend: async (bands) => {
      this.#watch.bands = bands ?? undefined;
      return null;
    },
    end: async () => {
      await this.end();
      return null;
    },
  };

  /** Does what the daemon asks. Rejects with FnloopError. */
  answer<Kind extends AskKind>(kind: Kind, ask: Asks[Kind]['ask']): Promise<Asks[Kind]['answer']> {
    return this.#handlers[kind](ask);
  }

  /** The batch in flight ends, or is cut where it takes too long; outputs come to rest, files close. */
  async end(): Promise<void> {
    this.#watch.stop();
    this.#ending.abort();
    this.#stop();
    const done = this.#work?.done;
    if (
      done !== undefined &&
      !(await within(
        GRACE_MS,
        done.then(() => true),
      ))
    ) {
      this.#board?.claim().catch(() => {});
      await within(CUT_MS, done);
    }
    await this.#disconnect();
    // Without a link it ends at once; one that was just being made is ended too.
    await done;
    await this.#disconnect();
    await this.#door.close();
  }

  /** Brings the board to rest without waiting for anything else. */
  async abandon(): Promise<void> {
    await this.#board?.close();
  }

  #use(board: Board): void {
    this.#board = board;
    this.#watch.board = board;
    // Somebody may have done so while it was being connected.
    if (board.rest !== undefined) this.#rested(board, board.rest);
    board.rested$.subscribe((rest) => this.#rested(board, rest));
    board.linkNews$.subscribe({
      next: ({ kind, detail }) => {
        if (kind === 'lost')
          this.#tell({ kind: 'link', what: 'lost', reason: `The link was lost: ${detail}` });
        else this.#tell({ kind: 'link', what: 'back', reason: detail });
      },
      complete: () => {
        if (this.#board !== board) return;
        this.#board = undefined;
        this.#watch.board = undefined;
        this.#tell({ kind: 'link', what: 'ended', reason: 'The board did not come back.' });
        board.close().catch(() => {});
      },
    });
  }

  /**
   * A run begins with what the board says of itself now, its time and its last batch among it: of a connection that a run has used
   * that is out of date, and batches would be taken for those of that run.
   */
  async #greetedAnew(): Promise<void> {
    const settings = this.#settings;
    if (!this.#isUsed || settings === undefined) {
      this.#isUsed = true;
      return;
    }
    await this.#disconnect();
    try {
      this.#use(await connectBoard(this.#connecting(settings, [])));
    } catch (error) {
      this.#tell({ kind: 'link', what: 'ended', reason: messageOf(error) });
      throw error;
    }
  }

  #connecting(settings: WorkerSettings, cutRuns: readonly CutRun[]): ConnectionParts {
    const signal = this.#ending.signal;
    const earlier = this.#earlier;
    return { settings, cutRuns, earlier, clock: this.#clock, signal, door: this.#door, tell: this.#tell };
  }

  async #disconnect(): Promise<void> {
    const board = this.#board;
    this.#board = undefined;
    this.#watch.board = undefined;
    await board?.close();
    if (board?.work !== undefined && board.rest === undefined)
      this.#earlier = { ...board.work, isBegun: true };
  }

  #connected(): Board {
    if (this.#board === undefined) throw new FnloopError('link-lost', 'The board is not connected.');
    return this.#board;
  }

  #parts(): RunWorkParts {
    const board = this.#connected();
    const settings = this.#settings;
    if (settings === undefined) throw new FnloopError('invariant', 'A worker works before it is connected.');
    return { settings, board, clock: this.#clock, tell: this.#tell };
  }

  #train(runId: string, experiment: Experiment): null {
    const task = loadTask(experiment.task, seededRandom(experiment.seed, 'split'));
    const live = new LiveRun(runId, experiment.method.steps, this.#tell);
    this.#begin(runId, undefined, live, (parts, signal) => {
      const { board, clock } = parts;
      const run = { runId, experiment, task, board, clock, signal, hold: this.#holds.hold };
      return this.#recorded(parts, live, { runId, calibration: experiment.calibration }, (prepared) =>
        runExperiment({ ...run, ...prepared, onStep: (news) => this.#hear(news, live) }),
      );
    });
    return null;
  }

  async #plan(experiment: Experiment): Promise<EpochPlan> {
    if (this.#work === undefined) return planned(this.#parts(), experiment);
    throw new FnloopError('usage', `The board is at work on run ${this.#work.runId}: plan when it is free.`);
  }

  async #openSession({ runId, cells, policy, askedBy, idleMs }: SessionOpening): Promise<null> {
    const { device, budget, calibration } = this.#parts().settings;
    const trainer = new OutsideTrainer(idleMs);
    const live = new LiveRun(runId, 0, this.#tell);
    const settings = { device, policy, budget, accounting: accountingSchema.parse(undefined) };
    this.#begin(runId, trainer, live, (parts, signal) => {
      const { board, clock } = parts;
      const run = { runId, settings, cells, askedBy, board, clock, signal, hold: this.#holds.hold };
      const onStep = (news: StepNews) => {
        this.#hear(news, live);
        trainer.onStep(news);
      };
      return this.#recorded(parts, live, { runId, calibration }, (prepared) =>
        runOutside({ ...run, ...prepared, wishes: trainer, onStep }),
      );
    });
    await trainer.ready;
    // Whoever asks again at once is to find the board free.
    if (trainer.isOver) await this.#work?.done;
    trainer.assertOpen();
    return null;
  }

  #recorded(
    parts: RunWorkParts,
    live: LiveRun,
    run: { readonly runId: string; readonly calibration: Experiment['calibration'] },
    act: (prepared: Prepared) => Promise<Ended>,
  ): Promise<Ended> {
    const begun = (prepared: Prepared) => {
      this.#view.begin(prepared.past);
      return act(prepared);
    };
    return shipped(parts, live, PROGRESS_EVERY_MS, (shipping) => recorded(parts, run, begun, shipping));
  }

  #hear(news: StepNews, live: LiveRun): void {
    this.#watch.temperatureK = news.temperatureK;
    this.#view.add(news);
    live.add(news, this.#clock.nowMs());
  }

  /** One thing at a time; what it came to is told when it has ended. */
  #begin(
    runId: string,
    trainer: OutsideTrainer | undefined,
    live: LiveRun,
    act: (parts: RunWorkParts, signal: AbortSignal) => Promise<Ended>,
  ): void {
    if (this.#work !== undefined)
      throw new FnloopError('usage', `The board is at work on run ${this.#work.runId}.`);
    const { settings } = this.#parts();
    const stop = new AbortController();
    const progressing = setInterval(
      () => this.#tell({ kind: 'progress', progress: live.progress }),
      PROGRESS_EVERY_MS,
    );
    const work: Work = { runId, stop, trainer, done: Promise.resolve() };
    this.#work = work;
    const ended = async () => {
      const outcome = await this.#turn(() => this.#greetedAnew())
        .then(() => act(this.#parts(), stop.signal))
        .then(
          (status) => ({ status, error: null }),
          (error: unknown) => ({ status: 'failed' as const, error: sentError(error) }),
        );
      // The board stays connected, but its outputs do not stay armed. One that is lost disarms itself.
      await this.#board?.claim().catch(() => {});
      trainer?.fail(overBecause(outcome.error?.message ?? 'it has ended'));
      if (!this.#ending.signal.aborted) await reported(settings, runId, this.#tell);
      clearInterval(progressing);
      this.#work = undefined;
      this.#holds.lift('asked', 'safe');
      this.#tell({ kind: 'progress', progress: live.progress });
      this.#tell({ kind: 'work-ended', runId, ...outcome });
    };
    work.done = ended();
  }

  #rested(board: Board, rest: ForeignRest): void {
    const { message: reason } = broughtToRest(board.identity.boardId, rest);
    if (this.#work !== undefined) this.#holds.set('safe', reason);
    this.#tell({ kind: 'rested', reason });
    // A job may go on later; a trainer outside has to begin anew.
    if (this.#work?.trainer !== undefined) this.#stop();
  }

  async #safe(by: string): Promise<{ readonly wasArmed: boolean }> {
    // It may be that it is being greeted anew just now.
    if (this.#board === undefined) await this.#turn(() => {});
    const { wasArmed } = await this.#connected().makeSafe({ by });
    return { wasArmed: wasArmed === 'yes' };
  }

  #stop(): null {
    this.#work?.trainer?.end(overBecause('it was stopped'));
    this.#work?.stop.abort();
    return null;
  }

  #trainer(): OutsideTrainer {
    const trainer = this.#work?.trainer;
    if (trainer === undefined) throw new FnloopError('usage', 'There is no session on the board.');
    return trainer;
  }

  async #cells(): Promise<readonly CellStatus[]> {
    const parts = this.#parts();
    const { device, calibration: file, budget } = parts.settings;
    const calibration = chipKnown(file, parts);
    if (this.#work === undefined) {
      const history = await historyOf(parts);
      // Of a board without a record, this process alone knows what its nodes received.
      if (history !== noHistory) this.#view.begin(history.past);
      await this.#view.read(parts.board, device, calibration);
    }
    return this.#view.status(budget, device, calibration);
  }
}
