import type { Observable, Subscription } from 'rxjs';
import { ReplaySubject } from 'rxjs/internal/ReplaySubject';
import { decodeFields } from '../../firmware-protocol/codec.ts';
import type { Command } from '../../firmware-protocol/command.ts';
import { FieldError } from '../../firmware-protocol/faults.ts';
import type { Shape, Values } from '../../firmware-protocol/field.ts';
import { type Fields, MAX_ID, readLine, spellLine } from '../../firmware-protocol/line.ts';
import type { Clock } from '../core/clock.ts';
import { type ErrorCode, FnloopError, messageOf } from '../core/errors.ts';
import type { LineTransport } from '../transport/line-transport.ts';
import { encodable } from './encodable.ts';
import type { LinkCounts } from './link-statistics.ts';
import { Refusal, refusalOf } from './refusal.ts';
import { ReplyTiming, type Work } from './reply-timing.ts';

/** Something that the board said unasked. */
export interface News {
  readonly name: string;
  readonly fields: Fields;
  /** When it came, ms. */
  readonly heardMs: number;
}

/** How much a board takes at a time; HELLO tells. */
export interface Window {
  /** Requests under way. */
  readonly window: number;
  /** Bytes of them, newlines included. */
  readonly receiveBytes: number;
}

/** What outlives a connection: the counters, and the ids, so that a reply to an earlier connection answers nothing in this one. */
export interface SessionMemory {
  readonly counts: LinkCounts;
  lastId: number;
  /** When a line was sent and came last, ms; undefined before the first. */
  sentMs?: number | undefined;
  heardMs?: number | undefined;
  /** The longest time without a line sent, ms, since somebody set it to 0. */
  longestSilenceMs?: number;
}

export interface AskOptions extends Work {
  /** Waits this long instead of as long as wire, work and experience say, ms. */
  readonly deadlineMs?: number;
  /** SAFE: goes before what waits, and needs no room, which the board keeps for it. */
  readonly isUrgent?: boolean;
}

/** A reply, and the monotonic host times between which the board gave it, ms. */
export interface Answer<Reply> {
  readonly reply: Reply;
  /** When the line that it answers was handed to the transport. */
  readonly sentMs: number;
  /** When the reply's line came from the transport. */
  readonly receivedMs: number;
}

interface Waiter {
  readonly id: number;
  readonly verb: string;
  readonly line: string;
  readonly options: AskOptions;
  readonly settle: (reply: Fields) => void;
  readonly fail: (error: FnloopError) => void;
  plannedMs: number;
  /** Undefined while it waits for room. */
  sentMs: number | undefined;
  timer?: NodeJS.Timeout;
}

/** Failures after which it is not known whether the board has received the request. */
const UNANSWERED: readonly ErrorCode[] = ['no-reply', 'link-lost'];

const NANOSECOND_MS = 1e-6;
/** Lines are handed over so far ahead of the wire, ms: it never runs dry, and SAFE does not wait behind many of them. */
const MOST_BACKLOG_MS = 100;
/** Times that a request is sent in all when its effect allows repeating it. */
const ATTEMPTS = 4;

/**
 * Requests and replies over the lines of one connection: ids, checksums, window, deadlines. It knows no verb.
 * A board answers in order, so a reply shows at once that all earlier requests without one are lost.
 */
export class Session {
  readonly #transport: LineTransport;
  readonly #clock: Clock;
  readonly #memory: SessionMemory;
  readonly #counts: LinkCounts;
  readonly #timing: ReplyTiming;
  /** Sent and not answered, in the order of sending. */
  readonly #underWay = new Map<number, Waiter>();
  readonly #waiting: Waiter[] = [];
  readonly #subscription: Subscription;
  readonly #news = new ReplaySubject<News>(1);
  #limits: Window = { window: 1, receiveBytes: 512 };
  #bytesUnderWay = 0;
  #isWireFull = false;
  #lostBecause: string | undefined;
  #sentAtMs: number;
  #heardAtMs: number;

  /**
   * What the board says unasked, the latest of it also to those who subscribe later. Completes when the link
   * closes; never errors.
   */
  readonly news$: Observable<News> = this.#news.asObservable();

  constructor(transport: LineTransport, clock: Clock, memory: SessionMemory) {
    this.#transport = transport;
    this.#clock = clock;
    this.#memory = memory;
    this.#counts = memory.counts;
    this.#timing = new ReplyTiming(transport.bytesPerS);
    this.#sentAtMs = clock.nowMs();
    this.#heardAtMs = this.#sentAtMs;
    // What was sent over an earlier connection since the board was heard last may have gone nowhere.
    memory.sentMs = memory.heardMs;
    this.#subscription = transport.lines$.subscribe((line) => this.#take(line));
    void transport.closed.then((reason) => {
      this.#lose(reason ?? 'it was closed');
      this.#news.complete();
    });
  }

  get address(): string {
    return this.#transport.address;
  }

  get bytesPerS(): number {
    return this.#transport.bytesPerS;
  }

  /** Why nothing can be asked any more; known before `closed` where a line could not be sent. */
  get lostBecause(): string | undefined {
    return this.#lostBecause;
  }

  /** Resolves once the connection is gone, with the reason unless it was closed from here. */
  get closed(): Promise<string | undefined> {
    return this.#transport.closed;
  }

  /** How long nothing was sent, ms. */
  get quietMs(): number {
    return this.#clock.nowMs() - this.#sentAtMs;
  }

  /** When the last line with a good checksum came, ms. */
  get heardAtMs(): number {
    return this.#heardAtMs;
  }

  get isIdle(): boolean {
    return this.#underWay.size === 0 && this.#waiting.length === 0;
  }

  /** Allows as much under way as the board has room for. */
  allow(limits: Window): void {
    this.#limits = limits;
    this.#pump();
  }

  /**
   * Sends a request, as soon as the window has room, and decodes its reply.
   *
   * Rejects with `board-refused` (`Refusal`: the board answered ERR), `unexpected-reply`, `link-lost`, `no-reply`;
   * with `outcome-unknown` instead of the last three when the command `changes` something and was sent,
   * which happens once only. A request that does not fit the protocol throws `limit-exceeded` before a byte is sent.
   */
  async ask<Request extends Shape, Reply extends Shape>(
    command: Command<Request, Reply>,
    request: Values<Request>,
    options: AskOptions = {},
  ): Promise<Answer<Values<Reply>>> {
    const answer = await this.exchange(command, request, options);
    try {
      return { ...answer, reply: decodeFields(command.reply, answer.reply, { unknown: 'ignore' }) };
    } catch (cause) {
      if (!(cause instanceof FieldError)) throw cause;
      const code = command.effect === 'changes' ? 'outcome-unknown' : 'unexpected-reply';
      throw new FnloopError(
        code,
        `The reply of ${this.address} to ${command.verb} is not FNP/1: ${cause.message}.`,
        { cause },
      );
    }
  }

  /** As `ask`, but leaves the reply's fields undecoded: for HELLO, whose version comes first. */
  async exchange<Request extends Shape>(
    command: Command<Request, Shape>,
    request: Values<Request>,
    options: AskOptions = {},
  ): Promise<Answer<Fields>> {
    const fields = encodable(command, request);
    for (let attempt = 1; ; attempt += 1) {
      if (this.#lostBecause !== undefined) throw this.#linkLost(command.verb);
      try {
        return await this.#exchangeOnce(command, fields, options);
      } catch (error) {
        const mayRepeat = error instanceof FnloopError && error.code === 'no-reply';
        if (!mayRepeat || attempt === ATTEMPTS) throw error;
        this.#counts.repeated += 1;
      }
    }
  }

  /** Says something that asks for no reply. */
  tell(name: string): void {
    const line = spellLine({ kind: 'event', name, fields: new Map() });
    this.#count(line);
    this.#transport.send(line).catch((error: unknown) => this.#lose(messageOf(error)));
  }

  /** Fails all that is under way or waiting, without closing: the board has forgotten it. What waits is not sent. */
  forget(reason: string): void {
    const waiting = this.#waiting.splice(0);
    for (const waiter of [...this.#underWay.values(), ...waiting]) {
      waiter.fail(this.#linkLost(waiter.verb, reason));
    }
  }

  /** Closes the connection; what is under way fails because of `reason`. Safe to call twice. */
  async close(reason = 'it was closed'): Promise<void> {
    this.#lose(reason);
    try {
      await this.#transport.close();
    } finally {
      this.#subscription.unsubscribe();
    }
  }

  #exchangeOnce(
    { verb, effect }: Command<Shape, Shape>,
    fields: Fields,
    options: AskOptions,
  ): Promise<Answer<Fields>> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId();
      const line = spellLine({ kind: 'request', id, verb, fields });
      const waiter: Waiter = {
        id,
        verb,
        line,
        options,
        plannedMs: 0,
        sentMs: undefined,
        settle: (reply) => {
          const { sentMs = this.#heardAtMs } = waiter;
          this.#release(waiter);
          resolve({ reply, sentMs, receivedMs: this.#heardAtMs });
        },
        fail: (error) => {
          this.#release(waiter);
          const isUnknown =
            effect === 'changes' && waiter.sentMs !== undefined && UNANSWERED.includes(error.code);
          reject(isUnknown ? outcomeUnknown(verb, error) : error);
        },
      };
      if (options.isUrgent) this.#waiting.unshift(waiter);
      else this.#waiting.push(waiter);
      this.#pump();
    });
  }

  /** Sends what waits as far as board and wire have room. A line that is longer than all the board's room goes alone. */
  #pump(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const bytes = next.line.length + 1;
      const isFull =
        this.#underWay.size >= this.#limits.window || this.#bytesUnderWay + bytes > this.#limits.receiveBytes;
      const backlogMs = this.#timing.backlogMs(this.#clock.nowMs());
      if (next.options.isUrgent !== true) {
        if (isFull && this.#underWay.size > 0) return;
        if (backlogMs > MOST_BACKLOG_MS) {
          this.#pumpIn(backlogMs - MOST_BACKLOG_MS / 2);
          return;
        }
      }
      this.#waiting.shift();
      this.#send(next, bytes);
    }
  }

  #pumpIn(ms: number): void {
    if (this.#isWireFull) return;
    this.#isWireFull = true;
    setTimeout(() => {
      this.#isWireFull = false;
      this.#pump();
    }, ms).unref();
  }

  #send(waiter: Waiter, bytes: number): void {
    const { line, options } = waiter;
    const nowMs = this.#clock.nowMs();
    waiter.plannedMs = this.#timing.expect(nowMs, bytes, options);
    const dueMs = this.#timing.dueMs(waiter.plannedMs);
    const deadlineMs = options.deadlineMs ?? Math.ceil(dueMs - nowMs + this.#timing.marginMs);
    waiter.timer = setTimeout(() => {
      this.#counts.timeouts += 1;
      this.#timing.timedOut();
      this.#noReply(waiter, `within ${Math.round(deadlineMs)} ms`);
    }, deadlineMs);
    this.#underWay.set(waiter.id, waiter);
    this.#bytesUnderWay += bytes;
    this.#count(line);
    waiter.sentMs = this.#sentAtMs;
    this.#transport.send(line).catch((error: unknown) => this.#lose(messageOf(error)));
  }

  /** Makes room. A waiter may be released twice: it was answered or given up before its line failed. */
  #release(waiter: Waiter): void {
    clearTimeout(waiter.timer);
    if (!this.#underWay.delete(waiter.id)) return;
    this.#bytesUnderWay -= waiter.line.length + 1;
    this.#pump();
  }

  #take(text: string): void {
    this.#counts.linesReceived += 1;
    this.#counts.bytesReceived += text.length + 1;
    const line = readLine(text);
    if (line.kind === 'bad') {
      this.#counts[line.reason === 'bad-checksum' ? 'badChecksums' : 'badForms'] += 1;
      return;
    }
    // Later than the line before, however coarse the clock: the order of lines tells which boot spoke last.
    this.#heardAtMs = Math.max(this.#clock.nowMs(), this.#heardAtMs + NANOSECOND_MS);
    this.#memory.heardMs = this.#heardAtMs;
    if (line.kind === 'event') {
      this.#news.next({ name: line.name, fields: line.fields, heardMs: this.#heardAtMs });
      return;
    }
    const waiter = line.kind === 'request' ? undefined : this.#underWay.get(line.id);
    if (line.fields.get('code') === 'stale-batch') this.#counts.duplicatesRefused += 1;
    if (waiter === undefined) {
      this.#counts.strayReplies += 1;
      return;
    }
    const refused = line.kind === 'error' ? refusalOf(this.address, waiter.verb, line.fields) : undefined;
    // A full board says so at once, out of order.
    if (!(refused instanceof Refusal && refused.fault === 'busy')) this.#loseBefore(waiter);
    this.#timing.answered(this.#heardAtMs, waiter.plannedMs);
    this.#counts.roundTripMs = this.#timing.roundTripMs;
    if (refused === undefined) waiter.settle(line.fields);
    else waiter.fail(refused);
  }

  #loseBefore(answered: Waiter): void {
    for (const waiter of [...this.#underWay.values()]) {
      if (waiter === answered) return;
      this.#noReply(waiter, `though it answered ${answered.verb}, which was asked later`);
    }
  }

  #noReply(waiter: Waiter, how: string): void {
    this.#counts.lostReplies += 1;
    waiter.fail(new FnloopError('no-reply', `${this.address} did not answer ${waiter.verb} ${how}.`));
  }

  #lose(reason: string): void {
    this.#lostBecause ??= reason;
    this.forget(this.#lostBecause);
  }

  #linkLost(verb: string, reason = this.#lostBecause): FnloopError {
    return new FnloopError(
      'link-lost',
      `The link to ${this.address} was lost while ${verb} was under way: ${reason}.`,
    );
  }

  #count(line: string): void {
    this.#sentAtMs = this.#clock.nowMs();
    const silenceMs = this.#sentAtMs - (this.#memory.sentMs ?? this.#sentAtMs);
    this.#memory.longestSilenceMs = Math.max(this.#memory.longestSilenceMs ?? 0, silenceMs);
    this.#memory.sentMs = this.#sentAtMs;
    this.#counts.linesSent += 1;
    this.#counts.bytesSent += line.length + 1;
  }

  #nextId(): number {
    this.#memory.lastId = (this.#memory.lastId % MAX_ID) + 1;
    return this.#memory.lastId;
  }
}

const outcomeUnknown = (verb: string, cause: FnloopError) =>
  new FnloopError('outcome-unknown', `${cause.message} ${verb} may have been executed.`, { cause });
