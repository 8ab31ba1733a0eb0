import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../src/transport/address.ts';
import type { Endpoint } from '../../../src/transport/endpoint.ts';
import type { LineTransport } from '../../../src/transport/line-transport.ts';
import { openEndpoint } from '../../../src/transport/open.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { boardOn } from '../../support/wire.ts';

const HEADER = 'fnloop-wire-log 1 2026-11-21T09:30:00.000Z tcp:board:7000';

const replayOf = (file: string, wireLog?: string): Promise<Endpoint> =>
  openEndpoint(parseAddress(`replay:${file}`), { seed: 1, wireLog });

/** An endpoint that plays these records back; times do not matter and are left to this. */
async function replay(...records: readonly string[]) {
  const file = join(temporaryFolder(), 'wire.log');
  writeFileSync(file, `${[HEADER, ...records.map((record, index) => `${index} ${record}`)].join('\n')}\n`);
  return { file, endpoint: await replayOf(file) };
}

async function connect(endpoint: Endpoint): Promise<LineTransport & { readonly received: string[] }> {
  const [place] = await endpoint.places();
  if (place === undefined) throw new Error('no place');
  const transport = await place.open();
  const received: string[] = [];
  transport.lines$.subscribe((line) => received.push(line));
  return { ...transport, received };
}

/** Long enough for all that is due to be delivered. */
const settled = async () => {
  for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
};

describe('a log of a mock board', () => {
  /** Connects twice, and does on each what changes the board and what asks it. */
  async function work(endpoint: Endpoint) {
    const results: unknown[] = [];
    for (const batch of [1, 2]) {
      const board = await boardOn({ endpoint: { ...endpoint, close: async () => {} } });
      await board.claim();
      await board.define([{ wave: 0, amplitudeV: 0.2236, widthUs: 200_000 }]);
      await board.arm();
      results.push(await board.run({ batch, gapUs: 0, slots: [[{ cell: 0, kind: 'SET', wave: 0 }]] }));
      const asked = await Promise.all([board.read([0, 1]), board.ping(), board.read([2])]);
      const [first, { boardTimeUs, lastBatch }, second] = asked;
      results.push([first, boardTimeUs, lastBatch, second]);
      await board.close();
    }
    await endpoint.close();
    return results;
  }

  test('plays back to the same results, and so does the log of that', async () => {
    const folder = temporaryFolder();
    const [first, second] = [join(folder, 'first.log'), join(folder, 'second.log')];
    const mock = await openEndpoint(parseAddress('mock:dam-a?cells=8&via=pipe'), { seed: 3, wireLog: first });
    const results = await work(mock);
    expect(await work(await replayOf(first, second))).toEqual(results);
    expect(await work(await replayOf(second))).toEqual(results);
  });
});

describe('replies', () => {
  test('come once all lines were sent that the log has before them', async () => {
    const { endpoint } = await replay(
      'connect x',
      '< !BOOT',
      '> #1 A',
      '> #2 B',
      '< #1 OK',
      '> #3 C',
      '< #2 OK',
      '< #3 OK',
      'close',
    );
    const link = await connect(endpoint);
    await settled();
    expect(link.received).toEqual(['!BOOT']);
    await link.send('#1 A');
    await settled();
    expect(link.received).toHaveLength(1);
    await link.send('#2 B');
    await link.send('#3 C');
    await settled();
    expect(link.received).toEqual(['!BOOT', '#1 OK', '#2 OK', '#3 OK']);
    await link.close();
    expect(await link.closed).toBeUndefined();
    await expect(link.send('#4 D')).rejects.toMatchObject({ code: 'link-lost' });
  });

  test('may be missing, late, or of any bytes', async () => {
    const { endpoint } = await replay(
      'connect x',
      '> #1 A',
      '> #2 A',
      '< #1 OK',
      '< \\x00\\xFF\\x5C\\x0D',
      'close',
    );
    const link = await connect(endpoint);
    await link.send('#1 A');
    await settled();
    expect(link.received).toEqual([]);
    await link.send('#2 A');
    await settled();
    expect(link.received).toEqual(['#1 OK', '\x00\xff\\\r']);
  });
});

describe('connections', () => {
  test('end as they ended, and the next opening goes on', async () => {
    const { endpoint } = await replay(
      'connect x',
      '> #1 A',
      '< #1 OK',
      'disconnect the port was unplugged',
      'connect y',
      '> #1 B',
      '< #1 OK',
      'close',
    );
    const link = await connect(endpoint);
    await expect(connect(endpoint)).rejects.toMatchObject({ code: 'port-busy' });
    await link.send('#1 A');
    expect(await link.closed).toBe('the port was unplugged');
    expect(link.received).toEqual(['#1 OK']);

    const next = await connect(endpoint);
    await next.send('#1 B');
    await settled();
    expect(next.received).toEqual(['#1 OK']);
    await next.close();
    await expect(connect(endpoint)).rejects.toMatchObject({
      code: 'port-missing',
      message: expect.stringContaining('the log holds 2 connections, and all were played'),
    });
  });

  test('that the log does not end are lost where the file ends', async () => {
    const { endpoint, file } = await replay('connect x', '> #1 A', '< #1 OK', '> #2 B');
    const link = await connect(endpoint);
    await link.send('#1 A');
    await settled();
    await link.send('#2 B');
    expect(await link.closed).toBe(`the replay file ${file} ends after line 5`);
    expect(link.received).toEqual(['#1 OK']);
  });
});

describe('a line that differs', () => {
  test('closes the link with what was expected where, and the board does not come back', async () => {
    const { endpoint, file } = await replay('connect x', '> #1 A', '< #1 OK', '> #2 B', 'close', 'connect x');
    const link = await connect(endpoint);
    await link.send('#1 A');
    const reason = `the replay expected '#2 B' at line 5 of ${file}, but '#2 C?' was sent`;
    await expect(link.send('#2 C\x07')).rejects.toMatchObject({
      code: 'link-lost',
      message: expect.stringContaining(reason),
    });
    expect(await link.closed).toBe(reason);
    await expect(connect(endpoint)).rejects.toMatchObject({
      code: 'port-refused',
      message: expect.stringContaining(reason),
    });
  });

  test('is also one more than was logged', async () => {
    const { endpoint, file } = await replay('connect x', '> #1 A', '< #1 OK', 'close');
    const link = await connect(endpoint);
    await link.send('#1 A');
    await expect(link.send('#2 B')).rejects.toMatchObject({ code: 'link-lost' });
    expect(await link.closed).toBe(
      `the replay expected the end of the connection at line 5 of ${file}, but '#2 B' was sent`,
    );
  });
});

describe('a file that is no wire log', () => {
  test('or is not there is refused before anything is connected', async () => {
    await expect(replayOf('/nowhere/wire.log')).rejects.toMatchObject({
      code: 'file-missing',
      message: expect.stringContaining('Cannot read the wire log /nowhere/wire.log: ENOENT'),
    });
  });

  test.each([
    ['an empty one', '', /expected fnloop-wire-log 1 TIME ADDRESS in line 1, found ''/],
    ['another text', 'board: mock:dam-a\n', /in line 1, found 'board: mock:dam-a'/],
    ['another version', 'fnloop-wire-log 2 x y\n', /in line 1, found 'fnloop-wire-log 2 x y'/],
    [
      'another record',
      `${HEADER}\n0 connect x\nnonsense\n`,
      /expected MICROSECONDS followed by .* in line 3, found 'nonsense'/,
    ],
    ['a line outside of a connection', `${HEADER}\n0 > a\n`, /expected connect before .* in line 2/],
    [
      'a connection within another',
      `${HEADER}\n0 connect x\n1 connect y\n`,
      /expected the end of the connection before the next one in line 3/,
    ],
  ])('%s', async (_, content, message) => {
    const file = join(temporaryFolder(), 'wire.log');
    writeFileSync(file, content);
    await expect(replayOf(file)).rejects.toMatchObject({ code: 'config-invalid', message });
  });

  test('but a last line that was cut off is what a program that was killed leaves', async () => {
    const file = join(temporaryFolder(), 'wire.log');
    writeFileSync(file, `${HEADER}\n0 connect x\n5 > #1 A\n7 < #1 O`);
    const link = await connect(await replayOf(file));
    await link.send('#1 A');
    expect(await link.closed).toBe(`the replay file ${file} ends after line 3`);
  });
});
