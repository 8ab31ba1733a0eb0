import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { overStream } from '../../../src/transport/line-transport.ts';

/** A byte stream in memory whose writes a test may leave unanswered. */
function wire({ answersWrites = true } = {}) {
  const written: string[] = [];
  const stream = new Duplex({
    read: () => {},
    write: (bytes: Buffer, _, done) => {
      written.push(bytes.toString('latin1'));
      if (answersWrites) done();
    },
  });
  const transport = overStream(stream, { address: 'wire', bytesPerS: 960 }, async () => {
    stream.destroy();
  });
  const lines: string[] = [];
  transport.lines$.subscribe({ next: (line) => lines.push(line), complete: () => lines.push('(completed)') });
  return { stream, transport, written, lines };
}

test('a line is sent with its newline, byte by character', async () => {
  const { transport, written } = wire();
  await transport.send('#1 PING \xff');
  expect(written).toEqual(['#1 PING \xff\n']);
});

test('closed from here: lines complete, no reason, and an unfinished tail is no line', async () => {
  const { transport, stream, lines } = wire();
  stream.push('one\ntwo\nthr');
  await new Promise(setImmediate);
  await transport.close();
  expect(await transport.closed).toBeUndefined();
  expect(lines).toEqual(['one', 'two', '(completed)']);
});

test('closed by the other end: the reason is told', async () => {
  const { transport, stream } = wire();
  stream.destroy(new Error('read ECONNRESET'));
  expect(await transport.closed).toBe('read ECONNRESET');
  const { transport: other, stream: ended } = wire();
  ended.destroy();
  expect(await other.closed).toBe('the other end closed the connection');
});

test('a write that the stream forgets is rejected when the link closes', async () => {
  const { transport, stream } = wire({ answersWrites: false });
  const sent = expect(transport.send('#1 PING')).rejects.toMatchObject({
    code: 'link-lost',
    message: 'A line could not be sent to wire: unplugged.',
  });
  stream.destroy(new Error('unplugged'));
  await sent;
});

test('nothing is written to a closed link', async () => {
  const { transport, written } = wire();
  await transport.close();
  await expect(transport.send('#1 PING')).rejects.toMatchObject({ code: 'link-lost' });
  expect(written).toEqual([]);
});
