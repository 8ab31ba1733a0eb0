import { describe, expect, test } from 'vitest';
import { decodeFields } from '../../firmware-protocol/codec.ts';
import type { AnyCommand } from '../../firmware-protocol/command.ts';
import { commands } from '../../firmware-protocol/commands.ts';
import { FieldError } from '../../firmware-protocol/faults.ts';
import { type Line, readLine, spellLine } from '../../firmware-protocol/line.ts';
import vectors from '../../firmware-protocol/vectors/lines.json' with { type: 'json' };
import { seededRandom } from '../../src/core/random.ts';
import { LineSplitter, MAX_LINE_BYTES } from '../../src/transport/line-splitter.ts';

const { integer } = seededRandom(20_261_121, 'codec fuzz');
const pick = <T>(choices: readonly T[]): T => choices[integer(choices.length)] as T;

const golden = [...vectors.lines, ...vectors.bad].map(({ line }) => line);
const goodLines = vectors.lines.map(({ line }) => line);
const everyCommand: readonly AnyCommand[] = Object.values(commands);

/** CRC-16/CCITT-FALSE bit by bit, from PROTOCOL.md alone. */
function bitwiseCrc(text: string): number {
  let crc = 0xffff;
  for (const character of text) {
    for (let bit = 7; bit >= 0; bit -= 1) {
      const carry = ((crc >> 15) & 1) ^ ((character.charCodeAt(0) >> bit) & 1);
      crc = ((crc << 1) & 0xffff) ^ (carry ? 0x1021 : 0);
    }
  }
  return crc;
}

const checked = (body: string) => `${body}*${bitwiseCrc(body).toString(16).toUpperCase().padStart(4, '0')}`;

/** What PROTOCOL.md allows a line to look like. */
const FORM = /^(?:#[1-9][0-9]{0,4} |!)[A-Z][A-Z_]{0,15}(?: [a-z][a-z0-9_]{0,15}=[!-)+-~]*)*\*[0-9A-F]{4}\r?$/;

const anyText = (length: number, below: number) =>
  Array.from({ length }, () => String.fromCharCode(integer(below))).join('');

/** Characters that mean something, and so reach further into a reader than any would. */
const structural = () =>
  pick([...'#!*= \r,-+/0123456789ABCDEFabcz_', '=', ' ', '\0', '\x7f', '\xff', '\u2603']);

/** A line with the keys of a real verb and values that may or may not fit. */
function plausible(): string {
  const command = pick(everyCommand);
  const isRequest = integer(2) === 0;
  const pairs = Object.values(isRequest ? command.request : command.reply).map(({ key }) => {
    const value = pick([
      () => String(integer(300)),
      () => `-${integer(2 ** 31 - 1)}`,
      () => '9'.repeat(1 + integer(20)),
      () =>
        pick([
          'yes',
          'board',
          'mock',
          'virtual',
          'done',
          'none',
          'boot',
          'ever',
          '1.0',
          '0-30,40',
          '7-3',
          '',
        ]),
      () => Buffer.from(anyText(integer(40), 256), 'latin1').toString('base64'),
      () => anyText(integer(6), 128),
    ])();
    return `${key}=${value}`;
  });
  return checked([`#${integer(70_000)}`, isRequest ? command.verb : pick(['OK', 'ERR']), ...pairs].join(' '));
}

const mutations: readonly ((line: string, at: number) => string)[] = [
  (line, at) =>
    line.slice(0, at) + String.fromCharCode(line.charCodeAt(at) ^ (1 << integer(8))) + line.slice(at + 1),
  (line, at) => line.slice(0, at) + structural() + line.slice(at),
  (line, at) => line.slice(0, at) + structural() + line.slice(at + 1),
  (line, at) => line.slice(0, at) + line.slice(at + 1 + integer(4)),
  (line, at) => line.slice(0, at),
  (line, at) => line.slice(at),
  (line, at) => {
    const other = pick(golden);
    return line.slice(0, at) + other.slice(integer(other.length));
  },
  (line, at) => line.slice(0, at) + anyText(1 + integer(4), 0x300) + line.slice(at),
  (line, at) => line.slice(0, at) + line.slice(integer(at + 1), at) + line.slice(at),
];

/** Any line, most of them nearly good; half of the mutated ones with a checksum that holds again. */
function fuzzed(index: number): string {
  if (index % 20_000 === 0) return checked(`${pick(golden).slice(0, -5)} codes=${'bMzN'.repeat(20_000)}`);
  if (index % 10 === 0) return anyText(integer(60), index % 20 === 0 ? 128 : 0x300);
  let line = index % 3 === 0 ? plausible() : pick(golden);
  for (let count = integer(4); count > 0; count -= 1) line = pick(mutations)(line, integer(line.length + 1));
  return integer(2) === 0 ? line : checked(line.slice(0, -5));
}

/** Decodes as the command that the line names, or as any reply; counts what fits, rethrows what is no FieldError. */
function decodes(line: Exclude<Line, { kind: 'event' }>): number {
  const command =
    line.kind === 'request' ? everyCommand.find(({ verb }) => verb === line.verb) : pick(everyCommand);
  if (command === undefined) return 0;
  const shape = line.kind === 'request' ? command.request : command.reply;
  let fitting = 0;
  for (const unknown of ['refuse', 'ignore'] as const) {
    try {
      decodeFields(shape, line.fields, { unknown });
      fitting += 1;
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
    }
  }
  return fitting;
}

describe('a million lines', () => {
  test('give a line or a reason, never a throw; what is accepted is well-formed and its checksum right', () => {
    const wrong: string[] = [];
    const counts = { accepted: 0, bad: 0, fitting: 0 };
    for (let index = 0; index < 1_000_000; index += 1) {
      const text = fuzzed(index);
      const line = readLine(text);
      if (line.kind === 'bad') {
        counts.bad += 1;
        continue;
      }
      counts.accepted += 1;
      const bare = text.replace(/\r$/, '');
      const isRight = FORM.test(text) && checked(bare.slice(0, -5)) === bare && spellLine(line) === bare;
      if (!isRight) wrong.push(text);
      if (line.kind !== 'event') counts.fitting += decodes(line);
    }
    expect(wrong).toEqual([]);
    // Enough of each kind, or the fuzzing would say nothing.
    expect(counts.accepted).toBeGreaterThan(100_000);
    expect(counts.bad).toBeGreaterThan(300_000);
    expect(counts.fitting).toBeGreaterThan(20_000);
  });
});

describe('a stream in random chunks', () => {
  /** Feeds bytes in chunks of random length. */
  function feed(splitter: LineSplitter, text: string): void {
    const bytes = Buffer.from(text, 'latin1');
    for (let start = 0; start < bytes.length; ) {
      const end = start + 1 + integer(pick([4, 64, 4096, 65_536]));
      splitter.push(bytes.subarray(start, end));
      start = end;
    }
  }

  test('is understood again one line after garbage, and every line before the next garbage', () => {
    const received: string[] = [];
    const splitter = new LineSplitter((line) => received.push(line));
    const missed: string[] = [];
    for (let burst = 0; burst < 20_000; burst += 1) {
      const garbage =
        burst % 500 === 0
          ? anyText(100, 256).repeat(integer(2 * (MAX_LINE_BYTES / 100)))
          : Array.from({ length: integer(4) }, () => fuzzed(1 + integer(100))).join(pick(['', '\n', '\r\n']));
      const after = Array.from({ length: 3 }, () => pick(goodLines));
      received.length = 0;
      feed(splitter, `${garbage}lost*\n${after.join('\n')}\n`);
      if (received.slice(-3).join() !== after.join()) missed.push(garbage);
    }
    expect(missed).toEqual([]);
  });

  test('of 200 MB without a newline does not grow memory', () => {
    const received: string[] = [];
    const splitter = new LineSplitter((line) => received.push(line));
    const chunk = Buffer.alloc(65_536, 'x');
    const feedMegabytes = (count: number) => {
      for (let left = count * 1e6; left > 0; ) {
        const length = Math.min(left, 1 + integer(chunk.length));
        splitter.push(chunk.subarray(0, length));
        left -= length;
      }
    };
    feedMegabytes(5);
    const before = process.memoryUsage();
    feedMegabytes(200);
    const after = process.memoryUsage();
    expect(after.rss - before.rss).toBeLessThan(20e6);
    expect(after.heapUsed - before.heapUsed).toBeLessThan(20e6);
    expect(received).toHaveLength(1);
    splitter.push(Buffer.from('\n#1 OK\n'));
    expect(received.at(-1)).toBe('#1 OK');
  });
});
