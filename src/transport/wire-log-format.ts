/**
 * The wire log, a text file of one record a line:
 *
 *     fnloop-wire-log 1 2026-11-21T09:30:00.000Z serial:/dev/ttyACM0
 *     812 connect serial:/dev/ttyACM0
 *     1003 > #1 HELLO proto=1.0*6BEE
 *     2210 < #1 OK proto=1.0 source=board ...*D794
 *     90417 disconnect the port was unplugged
 *     4090417 connect serial:/dev/ttyACM1
 *     5100232 close
 *
 * The header says the version of the format, when the log began (UTC) and the board address. A record begins
 * with microseconds since then, of a clock that is never set: `>` a line to the board, `<` one from it,
 * `connect` with the address of the place, `disconnect` with the reason, `close` when the host closed the link.
 * Lines are without their newline. Each byte beyond printable ASCII, and the backslash, is written as
 * `\xHH`, so that a log is plain ASCII and every byte can be had back.
 */
export type WireRecord =
  | { readonly kind: '>'; readonly line: string }
  | { readonly kind: '<'; readonly line: string }
  | { readonly kind: 'connect'; readonly address: string }
  | { readonly kind: 'disconnect'; readonly reason: string }
  | { readonly kind: 'close' };

/** The first line of a log, newline included. */
export const spellHeader = (address: string, startedAt: Date): string =>
  `fnloop-wire-log 1 ${startedAt.toISOString()} ${escaped(bytesOf(address))}\n`;

/** One record of a log, newline included. `elapsedUs` counts from the log's start. */
export function spellRecord(elapsedUs: number, record: WireRecord): string {
  switch (record.kind) {
    case '>':
    case '<':
      return `${elapsedUs} ${record.kind} ${escaped(record.line)}\n`;
    case 'connect':
      return `${elapsedUs} connect ${escaped(bytesOf(record.address))}\n`;
    case 'disconnect':
      return `${elapsedUs} disconnect ${escaped(bytesOf(record.reason))}\n`;
    case 'close':
      return `${elapsedUs} close\n`;
  }
}

/** What a first line must look like, for messages. */
export const HEADER_FORM = 'fnloop-wire-log 1 TIME ADDRESS';

/** What every other line must look like, for messages. */
export const RECORD_FORM =
  'MICROSECONDS followed by > LINE, < LINE, connect ADDRESS, disconnect REASON or close';

export const isHeader = (text: string): boolean => /^fnloop-wire-log 1 \S+ \S/.test(text);

/** Reads one record; undefined where the text is none. */
export function readRecord(text: string): WireRecord | undefined {
  const [, marked, rest = '', bare] = RECORD.exec(text) ?? [];
  if (NOT_ESCAPED.test(rest)) return undefined;
  const kind = marked ?? bare;
  switch (kind) {
    case '>':
    case '<':
      return { kind, line: unescaped(rest) };
    case 'connect':
      return { kind, address: ofBytes(unescaped(rest)) };
    case 'disconnect':
      return { kind, reason: ofBytes(unescaped(rest)) };
    case 'close':
      return { kind };
    default:
      return undefined;
  }
}

const RECORD = /^\d+ (?:(>|<|connect|disconnect) (.*)|(close))$/;
const NOT_ESCAPED = /[^\x20-\x7e]|\\(?!x[0-9A-F]{2})/;
const TO_ESCAPE = /[^\x20-\x5b\x5d-\x7e]/g;

/** Of a text with one character a byte, as lines are. */
const escaped = (bytes: string): string =>
  bytes.replace(
    TO_ESCAPE,
    (byte) => `\\x${(byte.charCodeAt(0) & 0xff).toString(16).toUpperCase().padStart(2, '0')}`,
  );

const unescaped = (text: string): string =>
  text.replace(/\\x([0-9A-F]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));

/** Addresses and reasons are any text: their UTF-8 bytes, one a character, and back. */
const bytesOf = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
const ofBytes = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8');
