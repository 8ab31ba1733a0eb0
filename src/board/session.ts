import type { Subscription } from 'rxjs';
import { decodeFields, encodeFields } from '../../firmware-protocol/codec.ts';
import type { Command } from '../../firmware-protocol/command.ts';
import { FieldError } from '../../firmware-protocol/faults.ts';
import type { Shape, Values } from '../../firmware-protocol/field.ts';
import { type Fields, MAX_ID, readLine, spellLine } from '../../firmware-protocol/line.ts';
import { FnloopError, messageOf } from '../core/errors.ts';
import type { LineTransport } from '../transport/line-transport.ts';

/** What the link did so far; every line is counted somewhere. */
export interface LinkStatistics {
  readonly linesSent: number;
  readonly linesReceived: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly badChecksums: number;
  readonly badForms: number;
  readonly strayReplies: number;
  readonly timeouts: number;
  readonly repeated: number;
}

export interface AskOptions {
  /** How long one attempt may wait for its reply. */
  readonly deadlineMs: number;
}

interface Waiter {
  readonly settle: (fields: Fields) => void;
  readonly fail: (error: FnloopError) => void;
}

/** Times that a request is sent in all when its effect allows repeating it. */
const ATTEMPTS = 3;

/** Requests and replies over lines: ids, checksums, deadlines. It knows no verb. */
export class Session {
  readonly #transport: LineTransport;
  readonly #waiters = new Map<number, Waiter>();
  readonly #subscription: Subscription;
  readonly #counts: { -readonly [Name in keyof LinkStatistics]: number } = {
    linesSent: 0,
    linesReceived: 0,
    bytesSent: 0,
    bytesReceived: 0,
    badChecksums: 0,
    badForms: 0,
    strayReplies: 0,
    timeouts: 0,
    repeated: 0,
  };
  #lastId = 0;
  #lostBecause: string | undefined;

  constructor(transport: LineTransport) {
    this.#transport = transport;
    this.#subscription = transport.lines$.subscribe((line) => this.#take(line));
    void transport.closed.then((reason) => this.#lose(reason ?? 'it was closed'));
  }

  get address(): string {
    return this.#transport.address;
  }

  get bytesPerS(): number {
    return this.#transport.bytesPerS;
  }

  get statistics(): LinkStatistics {
    return { ...this.#counts };
  }

  /**
   * Sends a request and decodes its reply.
   *
   * Rejects with `board-refused` (the board answered ERR), `unexpected-reply`, `link-lost`, `no-reply`;
   * with `outcome-unknown` instead of the last three when the command `changes` something and was sent,
   * which happens once only. A request that does not fit the protocol throws `limit-exceeded` before a byte is sent.
   */
  async ask<Request extends Shape, Reply extends Shape>(
    command: Command<Request, Reply>,
    request: Values<Request>,
    { deadlineMs }: AskOptions,
  ): Promise<Values<Reply>> {
    const fields = await this.exchange(command, request, { deadlineMs });
    try {
      return decodeFields(command.reply, fields, { unknown: 'ignore' });
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
    { deadlineMs }: AskOptions,
  ): Promise<Fields> {
    const fields = encodable(command, request);
    if (this.#lostBecause !== undefined) throw this.#linkLost(command.verb);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#exchangeOnce(command.verb, fields, deadlineMs);
      } catch (error) {
        if (!(error instanceof FnloopError) || (error.code !== 'no-reply' && error.code !== 'link-lost'))
          throw error;
        if (command.effect === 'changes') {
          throw new FnloopError(
            'outcome-unknown',
            `${error.message} ${command.verb} may have been executed.`,
            { cause: error },
          );
        }
        if (error.code === 'link-lost' || attempt === ATTEMPTS) throw error;
        this.#counts.repeated += 1;
      }
    }
  }

  async close(): Promise<void> {
    await this.#transport.close();
    this.#subscription.unsubscribe();
  }

  #exchangeOnce(verb: string, fields: Fields, deadlineMs: number): Promise<Fields> {
    const id = this.#nextId();
    const line = spellLine({ kind: 'request', id, verb, fields });
    return new Promise<Fields>((resolve, reject) => {
      const finish = () => {
        clearTimeout(timer);
        this.#waiters.delete(id);
      };
      const fail = (error: FnloopError) => {
        finish();
        reject(error);
      };
      const timer = setTimeout(() => {
        this.#counts.timeouts += 1;
        fail(
          new FnloopError(
            'no-reply',
            `${this.address} did not answer ${verb} within ${Math.round(deadlineMs)} ms.`,
          ),
        );
      }, deadlineMs);
      this.#waiters.set(id, {
        settle: (reply) => {
          finish();
          resolve(reply);
        },
        fail,
      });
      this.#counts.linesSent += 1;
      this.#counts.bytesSent += line.length + 1;
      this.#transport.send(line).catch((error: unknown) => {
        this.#lostBecause ??= messageOf(error);
        fail(this.#linkLost(verb));
      });
    });
  }

  #take(text: string): void {
    this.#counts.linesReceived += 1;
    this.#counts.bytesReceived += text.length + 1;
    const line = readLine(text);
    if (line.kind === 'bad') {
      this.#counts[line.reason === 'bad-checksum' ? 'badChecksums' : 'badForms'] += 1;
      return;
    }
    const waiter = line.kind === 'ok' || line.kind === 'error' ? this.#waiters.get(line.id) : undefined;
    if (waiter === undefined) {
      this.#counts.strayReplies += 1;
    } else if (line.kind === 'error') {
      const field = line.fields.get('field');
      const place = field === undefined ? '' : `, field ${field}`;
      waiter.fail(
        new FnloopError(
          'board-refused',
          `${this.address} refused a request: ${line.fields.get('code') ?? 'no code'}${place}.`,
        ),
      );
    } else {
      waiter.settle(line.fields);
    }
  }

  #lose(reason: string): void {
    this.#lostBecause ??= reason;
    for (const waiter of [...this.#waiters.values()]) waiter.fail(this.#linkLost('a request'));
  }

  #linkLost(verb: string): FnloopError {
    return new FnloopError(
      'link-lost',
      `The link to ${this.address} was lost while ${verb} was under way: ${this.#lostBecause}.`,
    );
  }

  #nextId(): number {
    this.#lastId = (this.#lastId % MAX_ID) + 1;
    return this.#lastId;
  }
}

function encodable<Request extends Shape>(
  command: Command<Request, Shape>,
  request: Values<Request>,
): Fields {
  try {
    return encodeFields(command.request, request);
  } catch (cause) {
    if (!(cause instanceof FieldError)) throw cause;
    throw new FnloopError(
      'limit-exceeded',
      `${command.verb} cannot be spelled in FNP/1: ${cause.message}. Nothing was sent.`,
      { cause },
    );
  }
}
