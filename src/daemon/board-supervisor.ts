import type { LinkStatistics } from '../board/link-statistics.ts';
import type { BoardIdentity } from '../board/types.ts';
import type { Clock } from '../core/clock.ts';
import { FnloopError, messageOf } from '../core/errors.ts';
import { parseAddress } from '../transport/address.ts';
import { askHolders } from '../transport/ask-holders.ts';
import {
  type BoardAction,
  type BoardEvent,
  boardTransition,
  type Standing,
  unbegun,
} from './board-machine.ts';
import type { BoardInfo, BoardStatus } from './lab.ts';
import type { AskKind, Asks, CutRun, WorkerNews, WorkerSettings } from './messages.ts';
import type { RestFile } from './rest-file.ts';
import type { WorkerEars, WorkerProcess } from './worker-process.ts';

export type StartWorker = (ears: WorkerEars) => WorkerProcess;

export interface BoardParts {
  readonly clock: Clock;
  readonly startWorker: StartWorker;
  /** What is to rest over a restart of the daemon. */
  readonly rests: RestFile;
}

export interface BoardEars {
  /** Runs that were under way when their process died; marked as that once the board is connected. */
  cutRuns(): readonly CutRun[];
  connected(): void;
  /** State, reason, identity or work are others now. */
  changed(): void;
  hear(news: WorkerNews): void;
  /** Its process is gone, and with it whatever was under way. */
  died(reason: string): void;
  log(level: 'info' | 'warn' | 'error', text: string): void;
}

/** Good for so long, and earlier faults are forgiven. */
const PROBATION_MS = 60_000;
/** A process that is told to end gets so long before it is ended by force. */
const END_MS = 4_500;

/** One board: its process, its state, and what is to be done when it fails. */
export class BoardSupervisor {
  readonly name: string;
  readonly #ears: BoardEars;
  readonly #clock: Clock;
  readonly #startWorker: StartWorker;
  readonly #rests: RestFile;
  #settings: WorkerSettings;
  #standing: Standing = unbegun;
  #sinceWallNs: bigint;
  #sinceMs: number;
  #worker: WorkerProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #identity: BoardIdentity | null = null;
  #link: LinkStatistics | null = null;
  #temperatureK: number | null = null;
  #isOver = false;

  constructor(
    name: string,
    settings: WorkerSettings,
    { clock, startWorker, rests }: BoardParts,
    ears: BoardEars,
  ) {
    this.name = name;
    this.#rests = rests;
    this.#standing = { ...unbegun, rest: rests.reasonFor(name) };
    this.#settings = settings;
    this.#clock = clock;
    this.#startWorker = startWorker;
    this.#ears = ears;
    this.#sinceWallNs = clock.wallNs();
    this.#sinceMs = clock.nowMs();
  }

  get settings(): WorkerSettings {
    return this.#settings;
  }

  /** For its next connection. */
  set settings(settings: WorkerSettings) {
    this.#settings = settings;
  }

  /** Of its process, while it has one. */
  get pid(): number | undefined {
    return this.#worker?.pid;
  }

  /** Something may begin on it. */
  get isReady(): boolean {
    return this.#standing.state === 'ready' && !this.#standing.isBusy && !this.#isOver;
  }

  get isBusy(): boolean {
    return this.#standing.isBusy;
  }

  get status(): Omit<BoardStatus, 'job' | 'session'> {
    const { state, reason } = this.#standing;
    return {
      name: this.name,
      address: this.#settings.address,
      state,
      reason: reason ?? this.#standing.rest,
      sinceWallNs: String(this.#sinceWallNs),
      identity: this.#identity,
      temperatureK: this.#temperatureK,
      link: this.#link,
    };
  }

  begin(): void {
    this.#apply({ kind: 'begin' });
  }

  workBegun(): void {
    this.#apply({ kind: 'work-begun' });
  }

  /** `fault` is what was wrong with the board, where something was. */
  workEnded(fault: string | null): void {
    this.#apply({ kind: 'work-ended', fault });
  }

  quarantine(reason: string): void {
    this.#apply({ kind: 'quarantine', reason });
  }

  release(): void {
    this.#apply({ kind: 'release' });
  }

  /** Resolves once its process is gone, and with it its hold on the port. For a board without work. */
  async lend(reason: string): Promise<void> {
    this.#apply({ kind: 'lend', reason });
    await this.#worker?.gone;
  }

  returned(): void {
    this.#apply({ kind: 'returned' });
  }

  /** Rejects with `link-lost` where it is not connected: who asks does not wait for it. */
  async info(): Promise<BoardInfo> {
    this.assertNotLent();
    const { state, reason } = this.#standing;
    if (state !== 'ready' && state !== 'running')
      throw new FnloopError(
        'link-lost',
        `Board ${this.name} is ${state}.${reason === null ? '' : ` ${reason}`}`,
      );
    return { address: this.#settings.address, ...(await this.ask('info', null)) };
  }

  /** Why it is to rest until a person says go on; null where it may work. */
  get rest(): string | null {
    return this.#standing.rest;
  }

  /** A person wants it to work again. Its work, if any, goes on where nothing else holds it. */
  async goOn(): Promise<void> {
    this.#apply({ kind: 'go-on' });
    this.#keep({ reason: null });
    if (this.#worker === undefined || !this.#standing.isLinked) return;
    this.#keep({ noted: await this.#worker.ask('go-on', null) });
  }

  /**
   * Brings outputs to rest for somebody, in words `by`, whatever is under way, and holds the board there; whoever has borrowed it is
   * asked to. Rejects with `usage` where another process has it and does not do it.
   */
  async safe(by: string): Promise<{ readonly wasArmed: boolean }> {
    const { state, reason } = this.#standing;
    const rests = `Board ${this.name} was brought to rest by ${by}, and stays so until somebody says go on.`;
    if (state !== 'lent')
      return this.ask('safe', { by }).catch((error: unknown) => {
        // Also where it has no connection just now.
        this.#rest(rests);
        throw error;
      });
    // Also once it is given back.
    this.#rest(rests);
    const asked = askHolders(parseAddress(this.#settings.address));
    const rested = (await asked.all).find((heard) => heard.state === 'at-rest');
    if (rested !== undefined) return { wasArmed: rested.wasArmed !== 'no' };
    throw new FnloopError(
      'usage',
      `Board ${this.name} is lent, the daemon does not have its port. ${reason} A signal that ends that command brings outputs to rest; ` +
        `where the port allows it, 'fnloop safe --board ${this.#settings.address}' reaches the board directly.`,
    );
  }

  /** Throws `usage` where another process has it. */
  assertNotLent(): void {
    const { state, reason } = this.#standing;
    if (state === 'lent') throw new FnloopError('usage', `Board ${this.name} is lent. ${reason}`);
  }

  /** Other settings from its next process on, which begins at once. For a board without work. */
  restart(settings: WorkerSettings): void {
    this.#settings = settings;
    this.#apply({ kind: 'restart' });
  }

  /** Rejects with `link-lost` where it has no process, and with `usage` where another one has the board. */
  async ask<Kind extends AskKind>(kind: Kind, ask: Asks[Kind]['ask']): Promise<Asks[Kind]['answer']> {
    this.assertNotLent();
    if (this.#worker === undefined)
      throw new FnloopError('link-lost', `Board ${this.name} is not connected.`);
    return this.#worker.ask(kind, ask);
  }

  /** For good. */
  async end(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#timer);
    await this.#worker?.end(END_MS);
  }

  #rest(reason: string): void {
    this.#apply({ kind: 'rested', reason });
    this.#keep({ reason });
    this.#ears.log('warn', reason);
  }

  /** What cannot be written holds as long as this process: it is said, since the next daemon would not know. */
  #keep(change: Parameters<RestFile['keep']>[1]): void {
    try {
      this.#rests.keep(this.name, change);
    } catch (error) {
      this.#ears.log('error', messageOf(error));
    }
  }

  #apply(event: BoardEvent): void {
    if (this.#isOver) return;
    const before = this.#standing;
    const { standing, actions } = boardTransition(before, event);
    this.#standing = standing;
    if (standing.state !== before.state || standing.reason !== before.reason) {
      this.#sinceWallNs = this.#clock.wallNs();
      this.#sinceMs = this.#clock.nowMs();
      this.#ears.log(
        standing.state === 'fault' || standing.state === 'quarantined' ? 'warn' : 'info',
        `${standing.state}${standing.reason === null ? '' : `: ${standing.reason}`}`,
      );
    }
    for (const action of actions) this.#perform(action);
    if (standing !== before) this.#ears.changed();
  }

  #perform(action: BoardAction): void {
    clearTimeout(this.#timer);
    switch (action.kind) {
      case 'start-worker':
        this.#start();
        return;
      case 'connect':
        void this.#connect();
        return;
      case 'wait':
        this.#timer = setTimeout(() => this.#apply({ kind: 'waited' }), action.forMs);
        return;
      case 'end-worker':
        void this.#worker?.end(END_MS);
    }
  }

  #start(): void {
    this.#worker = this.#startWorker({
      hear: (news) => this.#hear(news),
      overhear: (line) => this.#ears.log('error', line),
      died: (reason) => {
        this.#worker = undefined;
        this.#link = null;
        // First what was under way, so that nothing new begins before it.
        this.#ears.died(reason);
        this.#apply({ kind: 'worker-died', reason: `Its process ended: ${reason}.` });
      },
    });
  }

  async #connect(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    try {
      const cutRuns = this.#ears.cutRuns();
      const known = this.#rests.notedOf(this.name);
      const earlier = { host: this.#rests.host, noted: known ?? undefined, isBegun: known !== undefined };
      const { identity, noted } = await worker.ask('connect', { settings: this.#settings, cutRuns, earlier });
      if (worker !== this.#worker) return;
      // What brought a board to rest before the daemon was given it is whose business it was.
      if (known === undefined) this.#keep({ noted });
      this.#identity = identity;
      this.#apply({ kind: 'connected' });
      this.#ears.connected();
    } catch (error) {
      // A process that died has told so.
      if (worker !== this.#worker) return;
      const code = error instanceof FnloopError ? error.code : 'invariant';
      this.#apply({ kind: 'refused', code, reason: messageOf(error) });
    }
  }

  #hear(news: WorkerNews): void {
    switch (news.kind) {
      case 'up':
        this.#apply({ kind: 'worker-up' });
        return;
      case 'link':
        this.#apply(linkEvent(news));
        break;
      case 'status': {
        this.#link = news.link;
        this.#temperatureK = news.temperatureK;
        const { isLinked, faults } = this.#standing;
        if (isLinked && faults > 0 && this.#clock.nowMs() - this.#sinceMs > PROBATION_MS)
          this.#apply({ kind: 'did-well' });
        break;
      }
      case 'step':
        if (this.#standing.faults > 0) this.#apply({ kind: 'did-well' });
        break;
      case 'note':
        this.#ears.log(news.level, news.text);
        return;
      case 'rested':
        this.#rest(news.reason);
        return;
      default:
        break;
    }
    this.#ears.hear(news);
  }
}

function linkEvent({ what, reason }: Extract<WorkerNews, { kind: 'link' }>): BoardEvent {
  switch (what) {
    case 'lost':
      return { kind: 'link-lost', reason };
    case 'back':
      return { kind: 'link-back' };
    case 'ended':
      return { kind: 'link-ended', reason };
  }
}
