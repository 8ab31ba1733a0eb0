import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { Subject } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { Clock } from '../../../src/core/clock.ts';
import type { LineTransport } from '../../../src/transport/line-transport.ts';
import { logged, loggedEndpoint } from '../../../src/transport/logged.ts';
import { WireLog } from '../../../src/transport/wire-log.ts';
import {
  isHeader,
  readRecord,
  spellHeader,
  spellRecord,
  type WireRecord,
} from '../../../src/transport/wire-log-format.ts';
import { temporaryFolder } from '../../support/folder.ts';

const everyByte = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join('');

/** A clock that a test moves, 2026-11-21T09:30 at first. */
function handClock() {
  const clock = { ms: 0, nowMs: () => clock.ms, wallNs: () => 1_795_253_400_000_000_000n };
  return clock satisfies Clock & { ms: number };
}

/** A link whose other end is the test. */
function link() {
  const lines = new Subject<string>();
  let close: (reason: string | undefined) => void = () => {};
  const closed = new Promise<string | undefined>((resolve) => {
    close = (reason) => {
      lines.complete();
      resolve(reason);
    };
  });
  const transport: LineTransport = {
    address: 'tcp:board:7000',
    bytesPerS: 960,
    lines$: lines.asObservable(),
    closed,
    send: async () => {},
    close: async () => close(undefined),
  };
  return { transport, lines, lose: (reason: string) => close(reason) };
}

describe('records', () => {
  const records: readonly WireRecord[] = [
    { kind: '>', line: '#1 HELLO proto=1.0*6BEE' },
    { kind: '<', line: everyByte },
    { kind: '<', line: '\\x41 is not A' },
    { kind: '<', line: '' },
    { kind: '>', line: ' blanks at both ends ' },
    { kind: 'connect', address: 'serial:/dev/tty µ' },
    { kind: 'disconnect', reason: 'unplugged\nin mid-line' },
    { kind: 'close' },
  ];

  test.each(records)('a $kind is one line of printable ASCII and reads back as it was', (record) => {
    const text = spellRecord(12, record);
    expect(text).toMatch(/^12 [\x20-\x7e]+\n$/);
    expect(readRecord(text.slice(0, -1))).toEqual(record);
  });

  test('are read strictly', () => {
    for (const text of ['', '12', '12 >', 'x > a', '12 ? a', '12 > \xe9', '12 > \\n', '12 close x', '> a'])
      expect(readRecord(text)).toBeUndefined();
  });

  test('follow a header that names form, time and board', () => {
    const header = spellHeader('mock:dam-a', new Date(0));
    expect(header).toBe('fnloop-wire-log 1 1970-01-01T00:00:00.000Z mock:dam-a\n');
    expect(isHeader(header)).toBe(true);
    expect(isHeader(header.replace('log 1', 'log 2'))).toBe(false);
  });
});

describe('a log of a link', () => {
  test('holds every line both ways with its time, and how each connection ended', async () => {
    const file = join(temporaryFolder(), 'wire.log');
    const clock = handClock();
    const log = await WireLog.open(file, 'tcp:board:7000', clock);

    const first = link();
    const transport = logged(first.transport, log);
    const seen: string[] = [];
    transport.lines$.subscribe((line) => seen.push(line));
    clock.ms = 1.5;
    await transport.send('#1 PING*0000');
    clock.ms = 2;
    first.lines.next('#1 OK\r');
    first.lose('unplugged');
    await transport.closed;
    await transport.send('#2 too late');

    const second = logged(link().transport, log);
    clock.ms = 1000;
    await second.close();
    await log.close();

    expect(seen).toEqual(['#1 OK\r']);
    expect(readFileSync(file, 'utf8').split('\n')).toEqual([
      'fnloop-wire-log 1 2026-11-21T09:30:00.000Z tcp:board:7000',
      '0 connect tcp:board:7000',
      '1500 > #1 PING*0000',
      '2000 < #1 OK\\x0D',
      '2000 disconnect unplugged',
      '2000 connect tcp:board:7000',
      '1000000 close',
      '',
    ]);
  });

  test('has a line before whoever acts on it answers', async () => {
    const file = join(temporaryFolder(), 'wire.log');
    const log = await WireLog.open(file, 'x', handClock());
    const { transport, lines } = link();
    const wrapped = logged(transport, log);
    wrapped.lines$.subscribe(() => void wrapped.send('answer'));
    lines.next('question');
    await log.close();
    expect(readFileSync(file, 'utf8')).toContain('0 < question\n0 > answer\n');
  });

  test('never overwrites another', async () => {
    const file = join(temporaryFolder(), 'wire.log');
    writeFileSync(file, 'kept');
    await expect(WireLog.open(file, 'x')).rejects.toMatchObject({
      code: 'record-failed',
      message: expect.stringContaining(`Cannot begin the wire log ${file}: EEXIST`),
    });
    expect(readFileSync(file, 'utf8')).toBe('kept');
  });

  test('that cannot be written is told once, when it is closed, and the link goes on', async () => {
    const full = new Writable({ write: (_bytes, _, done) => done(new Error('ENOSPC: no space left')) });
    const log = new WireLog('wire.log', full, 'x', handClock());
    const { transport } = link();
    const endpoint = loggedEndpoint(
      {
        address: 'x',
        places: async () => [{ address: 'x', open: async () => transport }],
        close: async () => {},
      },
      log,
    );
    const wrapped = await (await endpoint.places())[0]?.open();
    await wrapped?.send('a');
    await new Promise(setImmediate);
    await wrapped?.send('b');
    await expect(endpoint.close()).rejects.toMatchObject({
      code: 'record-failed',
      message: 'The wire log wire.log is incomplete: ENOSPC: no space left.',
    });
    await endpoint.close();
  });

  test('that the disk does not keep up with is given up, not kept in memory', async () => {
    const stalled = new Writable({ write: () => {} });
    const log = new WireLog('wire.log', stalled, 'x', handClock());
    const line = 'x'.repeat(2 ** 20);
    for (let i = 0; i < 80; i += 1) log.add({ kind: '<', line });
    expect(stalled.destroyed).toBe(true);
    await expect(log.close()).rejects.toThrow(/incomplete: \d+ bytes wait to be written/);
  });
});
