import type { Observable } from 'rxjs';
import { Subject } from 'rxjs/internal/Subject';
import { decodeFields } from '../../firmware-protocol/codec.ts';
import type { Command } from '../../firmware-protocol/command.ts';
import { commands } from '../../firmware-protocol/commands.ts';
import { events } from '../../firmware-protocol/events.ts';
import { FieldError } from '../../firmware-protocol/faults.ts';
import type { Shape, Values } from '../../firmware-protocol/field.ts';
import type { Clock } from '../core/clock.ts';
import { alsoFailed, FnloopError, messageOf } from '../core/errors.ts';
import type { Endpoint } from '../transport/endpoint.ts';
import {
  type LinkAction,
  type LinkEvent,
  type LinkPolicy,
  type LinkState,
  linkPolicy,
  transition,
  unconnected,
} from './link-machine.ts';
import type { LinkNews, TimedPong } from './link-news.ts';
import { type LinkCounts, type LinkStatistics, noLinkStatistics } from './link-statistics.ts';
import type { ToldRest } from './rest-watch.ts';
import { type Greeted, Round } from './round.ts';
import type { Answer, AskOptions, News, Session, SessionMemory } from './session.ts';
import type { BoardIdentity } from './types.ts';

export interface LinkParts {
  readonly clock: Clock;
  /**
   * Ends the link while it is not up: somebody stopped waiting for it. A link that is lost later is looked for
   * once, so that the board can still be brought to rest.
   */
  readonly signal?: AbortSignal;
  readonly policy?: LinkPolicy;
  /** Silence after which the board is asked whether it is there, ms. */
  readonly heartbeatMs?: number;
}

const HEARTBEAT_MS = 1_000;
/** Connections over which one question is asked before it is given up. */
const CONNECTIONS = 4;

/**
 * One board, over as many connections as it takes. It is brought back when it was lost, never exchanged for
 * another one, and every question that changes nothing survives that. What may have changed something does not.
 */
export class Link {
  readonly #endpoint: Endpoint;
  readonly #clock: Clock;
  readonly #policy: LinkPolicy;
  readonly #heartbeatMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #memory: SessionMemory = { counts: noLinkStatistics(), lastId: 0 };
  readonly #news = new Subject<LinkNews>();
  readonly #pongs = new Subject<TimedPong>();
  readonly #rests = new Subject<ToldRest>();
  #state: LinkState = unconnected;
  #session: Session | undefined;
  #round: Round | undefined;
  #known: BoardIdentity | undefined;
  #bootNonce: number | undefined;
  #bootHeardMs = Number.NEGATIVE_INFINITY;
  #failure: FnloopError | undefined;
  #isHushed = false;
  #lostBecause: string | undefined;
  #waiters: { readonly resolve: (session: Session) => void; readonly reject: (error: unknown) => void }[] =
    [];
  #timer: NodeJS.Timeout | undefined;
  #heart: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  /** Hot; completes when the link ends; never errors. */
  readonly news$: Observable<LinkNews> = this.#news.asObservable();
  /** Every answered PING, heartbeats included. Hot; completes when the link ends; never errors. */
  readonly pongs$: Observable<TimedPong> = this.#pongs.asObservable();
  /** Each word of the board that it has come to rest, when it does and when it is asked. Hot; completes when the link ends; never errors. */
  readonly rests$: Observable<ToldRest> = this.#rests.asObservable();

  private constructor(endpoint: Endpoint, { clock, policy, heartbeatMs, signal }: LinkParts) {
    this.#endpoint = endpoint;
    this.#clock = clock;
    this.#policy = policy ?? linkPolicy;
    this.#heartbeatMs = heartbeatMs ?? HEARTBEAT_MS;
    this.#signal = signal;
  }

  /**
   * Connects and greets. Rejects with the errors of opening and greeting, and with `interrupted`. The
   * endpoint is the link's from here on: it is closed with the link, also when this rejects.
   */
  static async connect(endpoint: Endpoint, parts: LinkParts): Promise<Link> {
    const link = new Link(endpoint, parts);
    const { signal } = parts;
    const stop = () => link.#interrupt();
    signal?.addEventListener('abort', stop);
    link.#news.subscribe({ complete: () => signal?.removeEventListener('abort', stop) });
    if (signal?.aborted) stop();
    else link.#perform({ kind: 'connect' });
    try {
      await link.#up();
    } catch (error) {
      await link.close().catch((later: unknown) => {
        throw alsoFailed(error, `${endpoint.address} could not be closed`, later);
      });
      throw error;
    }
    return link;
  }

  get address(): string {
    return this.#session?.address ?? this.#endpoint.address;
  }

  get bytesPerS(): number {
    return this.#session?.bytesPerS ?? Number.POSITIVE_INFINITY;
  }

  /** What the board said of itself when it was greeted first. */
  get identity(): BoardIdentity {
    if (this.#known === undefined) throw new FnloopError('invariant', 'The link was never up.');
    return this.#known;
  }

  /** The boot that the link last saw. */
  get bootNonce(): number {
    return this.#bootNonce ?? this.identity.bootNonce;
  }

  get statistics(): LinkStatistics {
    return { ...this.#memory.counts };
  }

  /** The longest time for which the board may have heard nothing from here since this was asked last, ms. */
  takeSilenceMs(): number {
    const { longestSilenceMs = 0 } = this.#memory;
    this.#memory.longestSilenceMs = 0;
    return longestSilenceMs;
  }

  /** Adds to counters that only layers above can know. */
  note(change: (counts: LinkCounts) => void): void {
    change(this.#memory.counts);
  }

  /**
   * Asks, waiting for the link where it is down. A command that observes or is idempotent is asked again over
   * a new connection; one that `changes` rejects with `outcome-unknown` once it may have been sent. Other rejections: `link-lost`
   * when the link has ended, `no-reply`, and those of `Session.ask`.
   */
  async ask<Request extends Shape, Reply extends Shape>(
    command: Command<Request, Reply>,
    request: Values<Request>,
    options: AskOptions = {},
  ): Promise<Values<Reply>> {
    return (await this.#answer(command, request, options)).reply;
  }

  async #answer<Request extends Shape, Reply extends Shape>(
    command: Command<Request, Reply>,
    request: Values<Request>,
    options: AskOptions = {},
  ): Promise<Answer<Values<Reply>>> {
    for (let connection = 1; ; connection += 1) {
      const session = await this.#up();
      if (this.#isHushed && command.verb !== commands.safe.verb)
        throw new FnloopError('link-lost', `The link to ${this.address} is being closed.`);
      try {
        return await session.ask(command, request, options);
      } catch (error) {
        if (!(error instanceof FnloopError)) throw error;
        if (error.code === 'no-reply' || error.code === 'outcome-unknown')
          this.#suspect(session, error.message);
        if (session.lostBecause !== undefined) this.#drop(session, session.lostBecause);
        const mayRepeat = error.code === 'no-reply' || error.code === 'link-lost';
        if (!mayRepeat || command.effect === 'changes' || connection === CONNECTIONS) throw error;
      }
    }
  }

  /** Asks for board time and state, and checks which boot answers. */
  async ping(options: AskOptions = {}): Promise<TimedPong> {
    const { reply, sentMs, receivedMs } = await this.#answer(commands.ping, {}, options);
    const pong = { ...reply, sentMs, receivedMs };
    this.#sawBoot(pong.bootNonce, receivedMs);
    if (pong.rests !== undefined) this.#rests.next({ ...pong, rests: pong.rests });
    this.#pongs.next(pong);
    return pong;
  }

  /**
   * From here on only SAFE is sent: what is under way fails and is not repeated, so that nothing can
   * follow SAFE and undo it.
   */
  hush(): void {
    this.#isHushed = true;
    this.#session?.forget('it is being closed');
  }

  /** Closes the connection and whatever served it. Safe to call twice. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    try {
      await this.#leave();
    } finally {
      await this.#endpoint.close();
    }
  }

  #up(): Promise<Session> {
    if (this.#state.kind === 'ended') return Promise.reject(this.#endedError());
    if (this.#state.kind === 'up' && this.#session !== undefined) return Promise.resolve(this.#session);
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
  }

  /** One round over all places where the board may be. */
  async #connect(): Promise<void> {
    const places = await this.#endpoint.places();
    if (this.#hasEnded()) return;
    const round = new Round({ clock: this.#clock, memory: this.#memory, known: this.#known });
    this.#round = round;
    const found = await round.find(places);
    this.#round = undefined;
    if ('session' in found) {
      if (this.#hasEnded()) await found.session.close();
      else this.#greeted(found);
      return;
    }
    if (this.#hasEnded()) return;
    if (this.#known === undefined) this.#failure = found[0];
    const reason = found.map(({ message }) => message).join(' ');
    this.#apply({ kind: 'refused', reason, atMs: this.#clock.nowMs() });
  }

  #greeted({ session, identity, receivedMs }: Greeted): void {
    const isFirst = this.#known === undefined;
    this.#known ??= identity;
    this.#session = session;
    session.allow(identity);
    if (!isFirst) this.#memory.counts.reconnects += 1;
    this.#heart ??= setInterval(() => this.#beat(), this.#heartbeatMs / 4).unref();
    this.#apply({ kind: 'greeted', boardId: identity.boardId, bootNonce: identity.bootNonce });
    this.#bootHeardMs = receivedMs;
    // It may have started anew right after its HELLO, and has said so once: the session repeats that.
    session.news$.subscribe((news) => this.#hear(news));
    void session.closed.then((reason) => this.#lost(session, reason ?? 'it was closed'));
  }

  #lost(session: Session, reason: string): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    this.#down(reason);
  }

  /** A connection over which nothing goes any more, though its port has not said so yet. */
  #drop(session: Session, reason: string): void {
    this.#lost(session, reason);
    session.close(reason).catch((error: unknown) => this.#fail(error));
  }

  #down(reason: string): void {
    this.#lostBecause = reason;
    this.#news.next({ kind: 'lost', detail: reason });
    this.#apply({ kind: 'lost', reason, atMs: this.#clock.nowMs() });
  }

  /** A connection over which nothing was heard for a while is closed, and only then a new one is made. */
  #suspect(session: Session, reason: string): void {
    if (this.#session !== session || this.#clock.nowMs() - session.heardAtMs < this.#heartbeatMs) return;
    this.#session = undefined;
    session.close(reason).then(
      () => this.#down(reason),
      (error: unknown) => this.#down(`${reason} ${messageOf(error)}`),
    );
  }

  #beat(): void {
    const session = this.#session;
    if (session === undefined || session.quietMs < this.#heartbeatMs) return;
    if (!session.isIdle) {
      session.tell(events.alive.name);
      return;
    }
    this.ping({ deadlineMs: this.#heartbeatMs }).catch((error: unknown) => {
      // What was asked has told already that the link is in trouble; it is mended without this.
      if (!(error instanceof FnloopError)) this.#fail(error);
    });
  }

  #hear({ name, fields, heardMs }: News): void {
    try {
      if (name === events.boot.name) {
        const { bootNonce } = decodeFields(events.boot.fields, fields, { unknown: 'ignore' });
        this.#sawBoot(bootNonce, heardMs);
      } else if (name === events.rest.name) {
        const rest = decodeFields(events.rest.fields, fields, { unknown: 'ignore' });
        this.#sawBoot(rest.bootNonce, heardMs);
        this.#rests.next(rest);
      }
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      this.#memory.counts.badForms += 1;
    }
  }

  /** What came before the last news of a boot speaks of the boot before. */
  #sawBoot(bootNonce: number, heardMs: number): void {
    if (bootNonce === this.#bootNonce || this.#state.kind !== 'up' || heardMs <= this.#bootHeardMs) return;
    this.#bootHeardMs = heardMs;
    this.#session?.forget('the board has restarted');
    this.#apply({ kind: 'rebooted', bootNonce });
  }

  #apply(event: LinkEvent): void {
    const { state, actions } = transition(this.#state, event, this.#policy, this.#bootNonce);
    this.#state = state;
    for (const action of actions) this.#perform(action);
  }

  #perform(action: LinkAction): void {
    switch (action.kind) {
      case 'connect':
        this.#connect().catch((error: unknown) => this.#fail(error));
        return;
      case 'wait':
        if (this.#signal?.aborted) this.#interrupt();
        else this.#timer = setTimeout(() => this.#apply({ kind: 'waited' }), action.forMs);
        return;
      case 'announce-up':
        this.#announce(action.isNewBoot);
        return;
      case 'end':
        this.#end();
    }
  }

  #announce(isNewBoot: boolean): void {
    if (this.#state.kind !== 'up' || this.#session === undefined) return;
    this.#bootNonce = this.#state.bootNonce;
    if (isNewBoot) {
      this.#memory.counts.reboots += 1;
      this.#news.next({ kind: 'rebooted', detail: `boot ${this.#bootNonce}` });
    } else this.#news.next({ kind: 'up', detail: this.#session.address });
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { resolve } of waiters) resolve(this.#session);
  }

  #end(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#heart);
    for (const { reject } of this.#waiters) reject(this.#endedError());
    this.#waiters = [];
    this.#news.complete();
    this.#pongs.complete();
    this.#rests.complete();
  }

  async #leave(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    this.#apply({ kind: 'closed' });
    await Promise.all([session?.close(), this.#round?.abandon()]);
  }

  #interrupt(): void {
    if (this.#state.kind === 'up') return;
    this.#failure ??= new FnloopError(
      'interrupted',
      `Stopped while connecting to ${this.#endpoint.address}.`,
    );
    this.#leave().catch((error: unknown) => this.#fail(error));
  }

  #fail(error: unknown): void {
    this.#failure ??=
      error instanceof FnloopError ? error : new FnloopError('invariant', messageOf(error), { cause: error });
    this.#apply({ kind: 'closed' });
  }

  #hasEnded(): boolean {
    return this.#state.kind === 'ended';
  }

  #endedError(): FnloopError {
    const reason = this.#state.kind === 'ended' ? this.#state.reason : 'it has not ended';
    const before = this.#lostBecause === undefined ? '' : ` It was lost before: ${this.#lostBecause}.`;
    return (
      this.#failure ??
      new FnloopError('link-lost', `The link to ${this.#endpoint.address} has ended: ${reason}${before}`)
    );
  }
}
