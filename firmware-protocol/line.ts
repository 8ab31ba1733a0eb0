import { crc16 } from './crc16.ts';

export type Fields = ReadonlyMap<string, string>;

/** What a line says once its checksum holds. */
export type Line =
  | { readonly kind: 'request'; readonly id: number; readonly verb: string; readonly fields: Fields }
  | { readonly kind: 'ok'; readonly id: number; readonly fields: Fields }
  | { readonly kind: 'error'; readonly id: number; readonly fields: Fields }
  | { readonly kind: 'event'; readonly name: string; readonly fields: Fields };

/** Why a received line is not one of ours. A value, not an error: noise on a wire is expected. */
export interface BadLine {
  readonly kind: 'bad';
  readonly reason: 'bad-checksum' | 'bad-form';
}

/** Request ids run from 1 to this and start again. */
export const MAX_ID = 65_535;

/** The text that goes on the wire, checksum included, newline excluded. */
export function spellLine(line: Line): string {
  const body = [head(line), ...Array.from(line.fields, ([key, value]) => `${key}=${value}`)].join(' ');
  return `${body}*${crc16(body).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Reads one line without its newline; a carriage return before the newline is tolerated. */
export function readLine(received: string): Line | BadLine {
  const text = received.endsWith('\r') ? received.slice(0, -1) : received;
  const body = text.slice(0, -5);
  if (text.at(-5) !== '*' || !/^[0-9A-F]{4}$/.test(text.slice(-4)))
    return { kind: 'bad', reason: 'bad-form' };
  if (crc16(body) !== Number.parseInt(text.slice(-4), 16)) return { kind: 'bad', reason: 'bad-checksum' };
  return parseBody(body) ?? { kind: 'bad', reason: 'bad-form' };
}

function head(line: Line): string {
  if (line.kind === 'event') return `!${line.name}`;
  return `#${line.id} ${line.kind === 'request' ? line.verb : line.kind === 'ok' ? 'OK' : 'ERR'}`;
}

function parseBody(body: string): Line | undefined {
  const [first = '', ...rest] = body.split(' ');
  if (first.startsWith('!')) {
    const name = first.slice(1);
    const fields = parseFields(rest);
    return fields && NAME.test(name) ? { kind: 'event', name, fields } : undefined;
  }
  const [word = '', ...pairs] = rest;
  const id = /^#[1-9]\d{0,4}$/.test(first) ? Number(first.slice(1)) : 0;
  const fields = parseFields(pairs);
  if (id < 1 || id > MAX_ID || !NAME.test(word) || !fields) return undefined;
  if (word === 'OK') return { kind: 'ok', id, fields };
  if (word === 'ERR') return { kind: 'error', id, fields };
  return { kind: 'request', id, verb: word, fields };
}

function parseFields(pairs: readonly string[]): Fields | undefined {
  const fields = new Map<string, string>();
  for (const pair of pairs) {
    const [, key, value] = PAIR.exec(pair) ?? [];
    if (key === undefined || value === undefined || fields.has(key)) return undefined;
    fields.set(key, value);
  }
  return fields;
}

const NAME = /^[A-Z][A-Z_]{0,15}$/;
const PAIR = /^([a-z][a-z0-9_]{0,15})=([\x21-\x29\x2b-\x7e]*)$/;
