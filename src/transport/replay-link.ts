import { Subject } from 'rxjs';
import { events } from '../../firmware-protocol/events.ts';
import { type Line, MAX_ID, readLine, spellLine } from '../../firmware-protocol/line.ts';
import { FnloopError } from '../core/errors.ts';
import type { LineTransport } from './line-transport.ts';
import {
  hostOf,
  isAlive,
  meaningOf,
  type Script,
  type ScriptLine,
  type ScriptRequest,
  toldOf,
} from './replay-script.ts';
import { type LoggedConnection, shown } from './wire-log-reader.ts';

type Reply = Extract<Line, { kind: 'ok' | 'error' }>;

export interface ReplayLinkParts {
  readonly file: string;
  readonly address: string;
  readonly connection: LoggedConnection;
  readonly script: Script;
  /** Answers to PING of the whole log, for a connection that holds none. */
  readonly pongs: readonly Reply[];
  /** Told when the host asked for something else than the log has. */
  readonly onDifference: (reason: string) => void;
}

/** A request of this host that has an answer to come. */
interface Asked {
  readonly id: number;
  /** What it was in the log; undefined for a PING that the log does not have there. */
  readonly request: ScriptRequest | undefined;
  readonly isPing: boolean;
}

/**
 * One connection of a wire log, played back: what the board said is delivered, under the host's own ids, once all was
 * asked that the log has before it. A request with another meaning closes the link; so does the end of what was logged.
 * PINGs and signs of life come from timers and hold nothing up, on either side.
 */
export function replayLink(parts: ReplayLinkParts): LineTransport {
  const replay = new Replay(parts);
  return {
    address: parts.address,
    bytesPerS: Number.POSITIVE_INFINITY,
    lines$: replay.lines.asObservable(),
    closed: replay.closed,
    send: async (line) => replay.send(line),
    close: async () => replay.close(undefined),
  };
}

class Replay {
  readonly lines = new Subject<string>();
  readonly closed: Promise<string | undefined>;
  readonly #parts: ReplayLinkParts;
  readonly #tornReason: string;
  readonly #requests: readonly ScriptRequest[];
  /** The id that this host gave to each request of the log. */
  readonly #ids = new Map<ScriptRequest, number>();
  readonly #usedIds = new Set<number>();
  /** By the number of the host in the log, that of this one. */
  readonly #hosts = new Map<string, string>();
  /** What has an answer to come, in the order of sending, which is that of the answers. */
  #asked: readonly Asked[] = [];
  /** Steps of the script that are done, and requests among them. */
  #done = 0;
  #sent = 0;
  #boot: string | undefined;
  #pong: Reply | undefined;
  #isClosed = false;
  #reasonClosed: string | undefined;
  #resolveClosed: (reason: string | undefined) => void = () => {};

  constructor(parts: ReplayLinkParts) {
    const { file, connection, script } = parts;
    this.#parts = parts;
    this.#requests = script.filter((step) => step.kind === 'request');
    this.#tornReason = `the replay file ${file} ends after line ${connection.firstLine + connection.records.length}`;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#deliverLater();
  }

  close(reason: string | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#reasonClosed = reason;
    this.lines.complete();
    this.#resolveClosed(reason);
  }

  send(line: string): void {
    if (!this.#isClosed && !isAlive(line)) this.#take(line);
    if (this.#isClosed) {
      const reason = this.#reasonClosed ?? 'the link is closed';
      throw new FnloopError('link-lost', `A line could not be sent to ${this.#parts.address}: ${reason}.`);
    }
    this.#deliverLater();
  }

  #take(line: string): void {
    const { meaning, isPing } = meaningOf(line);
    const read = readLine(line);
    const id = read.kind === 'request' ? read.id : 0;
    this.#usedIds.add(id);
    if (isPing) {
      const next = this.#requests[this.#sent];
      const request = next?.isPing ? next : undefined;
      if (request !== undefined) {
        this.#sent += 1;
        this.#ids.set(request, id);
      }
      if (this.#pongFor(request) === undefined) this.#differ(line);
      else this.#asked = [...this.#asked, { id, request, isPing }];
      return;
    }
    while (this.#requests[this.#sent]?.isPing) this.#sent += 1;
    const request = this.#requests[this.#sent];
    if (request?.meaning !== meaning) {
      this.#differ(line);
      return;
    }
    this.#sent += 1;
    this.#ids.set(request, id);
    const [logged, own] = [hostOf(request.line), hostOf(line)];
    if (logged !== undefined && own !== undefined) this.#hosts.set(logged, own);
    if (request.answer !== undefined) this.#asked = [...this.#asked, { id, request, isPing }];
  }

  #differ(line: string): void {
    const { file, connection, onDifference } = this.#parts;
    const request = this.#expected;
    if (request === undefined && connection.end === undefined) {
      this.close(this.#tornReason);
      return;
    }
    const wanted = request === undefined ? 'the end of the connection' : shown(request.line);
    const place = request?.place ?? connection.records.length;
    const difference = `the replay expected ${wanted} at line ${connection.firstLine + 1 + place} of ${file}, but ${shown(line)} was sent`;
    onDifference(difference);
    this.close(difference);
  }

  /** What the host must ask next, whatever PINGs there are before it. */
  get #expected(): ScriptRequest | undefined {
    let index = this.#sent;
    while (this.#requests[index]?.isPing) index += 1;
    return this.#requests[index];
  }

  /** Later than the host's own turn, as on a wire: by then it has subscribed, or waits for the reply. */
  #deliverLater(): void {
    setImmediate(() => this.#deliver());
  }

  #deliver(): void {
    const { script, connection } = this.#parts;
    const expected = this.#expected;
    this.#answerFirstPings();
    for (let step = script[this.#done]; step !== undefined && step !== expected; step = script[this.#done]) {
      if (this.#isClosed) return;
      this.#done += 1;
      if (step.kind === 'line') this.#say(step);
    }
    if (this.#done < script.length || connection.end?.kind === 'close') return;
    this.close(connection.end?.reason ?? this.#tornReason);
  }

  #say({ line, reply, to, boot }: ScriptLine): void {
    const isNewBoot = boot !== undefined && this.#boot !== undefined && boot !== this.#boot;
    this.#boot = boot ?? this.#boot;
    if (to?.isPing) {
      this.#pong = to.answer;
      // Where only a PING of the log's host has told a new boot, this host must hear of it too.
      if (isNewBoot && !this.#ids.has(to)) this.lines.next(bootLine(boot));
      return;
    }
    const place = to === undefined ? -1 : this.#asked.findIndex(({ request }) => request === to);
    if (place >= 0) {
      this.#answerPingsBefore(place);
      this.#asked = this.#asked.filter(({ request }) => request !== to);
    }
    const said = reply === undefined ? line : respelled(line, reply, this.#idOf(reply, to));
    this.lines.next(toldOf(said, this.#hosts));
    this.#answerFirstPings();
  }

  /** A reply to nothing that was asked here must answer nothing here either. */
  #idOf({ id }: Reply, to: ScriptRequest | undefined): number {
    const own = to && this.#ids.get(to);
    if (own !== undefined || !this.#usedIds.has(id)) return own ?? id;
    let free = MAX_ID;
    while (this.#usedIds.has(free) && free > 1) free -= 1;
    return free;
  }

  /** Answers those PINGs that no other request waits before: an answer never overtakes another. */
  #answerFirstPings(): void {
    const place = this.#asked.findIndex(({ isPing }) => !isPing);
    this.#answerPingsBefore(place === -1 ? this.#asked.length : place);
  }

  #answerPingsBefore(place: number): void {
    const pings = this.#asked.slice(0, place).filter(({ isPing }) => isPing);
    this.#asked = this.#asked.filter((asked) => !pings.includes(asked));
    for (const { id, request } of pings) {
      const pong = this.#pongFor(request);
      if (pong !== undefined) this.lines.next(toldOf(spellLine({ ...pong, id }), this.#hosts));
    }
  }

  /** The answer that the log has for that PING, or else the latest one in it, or else the next: of this boot. */
  #pongFor(request: ScriptRequest | undefined): Reply | undefined {
    const { script, pongs } = this.#parts;
    const isOfThisBoot = (pong: Reply | undefined): boolean =>
      pong?.kind === 'ok' && (this.#boot === undefined || pong.fields.get('boot') === this.#boot);
    const known = [request?.answer, this.#pong].find(isOfThisBoot);
    if (known !== undefined) return known;
    const coming = script.find(
      (step, index) =>
        index >= this.#done && step.kind === 'request' && step.isPing && isOfThisBoot(step.answer),
    );
    return coming?.kind === 'request' ? coming.answer : pongs.find(isOfThisBoot);
  }
}

const respelled = (line: string, reply: Reply, id: number): string =>
  id === reply.id ? line : spellLine({ ...reply, id });

const bootLine = (boot: string): string =>
  spellLine({ kind: 'event', name: events.boot.name, fields: new Map([['boot', boot]]) });
