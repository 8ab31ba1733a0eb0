import { commands } from '../../firmware-protocol/commands.ts';
import { events } from '../../firmware-protocol/events.ts';
import { type Line, readLine, spellLine } from '../../firmware-protocol/line.ts';
import type { LoggedConnection } from './wire-log-reader.ts';

type Reply = Extract<Line, { kind: 'ok' | 'error' }>;

/** A line that the host sent. */
export interface ScriptRequest {
  readonly kind: 'request';
  readonly line: string;
  /** Its place among the records of the connection. */
  readonly place: number;
  readonly isPing: boolean;
  /** What it asks for, whatever its id: two requests with the same meaning are the same. */
  readonly meaning: string;
  /** The first answer that the log has for it. */
  answer: Reply | undefined;
}

/** A line that the board sent; `reply` and `to` only where it answers something. */
export interface ScriptLine {
  readonly kind: 'line';
  readonly line: string;
  readonly reply: Reply | undefined;
  readonly to: ScriptRequest | undefined;
  /** The boot of the board that it tells. */
  readonly boot: string | undefined;
}

/** What one connection of a wire log says, without the signs of life that its host gave. */
export type Script = readonly (ScriptRequest | ScriptLine)[];

/** Reads the lines of a connection, and which of them answers which. */
export function scriptOf({ records }: Pick<LoggedConnection, 'records'>): Script {
  const asked = new Map<number, ScriptRequest>();
  return records.flatMap(({ kind, line }, place): Script => {
    const read = readLine(line);
    if (kind === '>') {
      if (isAlive(line)) return [];
      const request: ScriptRequest = { kind: 'request', line, place, answer: undefined, ...meaningOf(line) };
      if (read.kind === 'request') asked.set(read.id, request);
      return [request];
    }
    const reply = read.kind === 'ok' || read.kind === 'error' ? read : undefined;
    const to = reply && asked.get(reply.id);
    if (to !== undefined) to.answer ??= reply;
    const boot = read.kind === 'bad' ? undefined : read.fields.get('boot');
    return [{ kind: 'line', line, reply, to, boot }];
  });
}

/** True for a line that only says that the host is alive. */
export function isAlive(line: string): boolean {
  const read = readLine(line);
  return read.kind === 'event' && read.name === events.alive.name;
}

/** The number that a host gives with a request, drawn anew by each host: no part of what it asks for. */
const HOST = 'host';
/** The key under which the board says it. */
const REST_HOST = 'rest_host';

/** The number of the host that asks; undefined where the request has none. */
export function hostOf(line: string): string | undefined {
  const read = readLine(line);
  return read.kind === 'request' ? read.fields.get(HOST) : undefined;
}

/** The line with one host's number in the place of another's, where it is told of that one. */
export function toldOf(line: string, hosts: ReadonlyMap<string, string>): string {
  const read = readLine(line);
  const own = read.kind === 'bad' ? undefined : hosts.get(read.fields.get(REST_HOST) ?? '');
  if (read.kind === 'bad' || own === undefined) return line;
  return spellLine({ ...read, fields: new Map([...read.fields, [REST_HOST, own]]) });
}

/** What a request asks for. One that is not FNP/1 means what it says to the letter. */
export function meaningOf(line: string): Pick<ScriptRequest, 'meaning' | 'isPing'> {
  const read = readLine(line);
  if (read.kind !== 'request') return { meaning: line, isPing: false };
  const fields = [...read.fields].flatMap(([key, value]) => (key === HOST ? [] : [` ${key}=${value}`]));
  return { meaning: `${read.verb}${fields.join('')}`, isPing: read.verb === commands.ping.verb };
}

/** The answers to PING that a script holds. */
export const pongsOf = (script: Script): readonly Reply[] =>
  script.flatMap((step) =>
    step.kind === 'request' && step.isPing && step.answer?.kind === 'ok' ? [step.answer] : [],
  );
