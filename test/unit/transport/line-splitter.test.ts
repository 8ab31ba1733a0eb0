import { describe, expect, test } from 'vitest';
import { readLine } from '../../../firmware-protocol/line.ts';
import { LineSplitter, MAX_LINE_BYTES } from '../../../src/transport/line-splitter.ts';

/** The lines that come of bytes that arrive in these chunks. */
function linesOf(...chunks: readonly string[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.push(Buffer.from(chunk, 'latin1'));
  return lines;
}

describe('bytes become lines', () => {
  test.each([
    ['one in one chunk', ['abc\n'], ['abc']],
    ['several in one chunk', ['a\nb\nc\n'], ['a', 'b', 'c']],
    ['split anywhere', ['a', 'bc', '\nd', 'e\n'], ['abc', 'de']],
    ['with bytes beyond ASCII, one character each', ['\xe9\x00\xff\n'], ['\xe9\x00\xff']],
    ['with the carriage return that was sent', ['abc\r\n'], ['abc\r']],
    ['but empty ones are left out', ['\n\r\n\n', '\r', '\na\n'], ['a']],
    ['but a tail without a newline is none', ['a\nb'], ['a']],
  ])('%s', (_, chunks, lines) => {
    expect(linesOf(...chunks)).toEqual(lines);
  });
});

describe('a line that is too long', () => {
  const longest = 'x'.repeat(MAX_LINE_BYTES);
  const notice = `${'x'.repeat(40)} [dropped: more than 65538 bytes without a newline]`;

  test('begins where the longest ends', () => {
    expect(linesOf(`${longest}\n`)).toEqual([longest]);
    expect(linesOf(`${longest}x\n`)).toEqual([notice]);
  });

  test('is reported once, before its end is known, and the next line is whole', () => {
    expect(linesOf(longest, 'x')).toEqual([notice]);
    expect(linesOf(longest, longest, longest, 'x\n#1 OK*', 'ABCD\n')).toEqual([notice, '#1 OK*ABCD']);
  });

  test('counts as a bad line, even where it begins as a good one', () => {
    const [line = ''] = linesOf('#1 HELLO proto=1.0*6BEE', longest);
    expect(line).toMatch(/^#1 HELLO proto=1\.0\*6BEEx+ \[dropped: /);
    expect(readLine(line)).toEqual({ kind: 'bad', reason: 'bad-form' });
  });
});
