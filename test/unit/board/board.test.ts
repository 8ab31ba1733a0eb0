import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createMockBoard, MockBoard } from '../../../mocks/index.ts';
import { presets } from '../../../mocks/presets.ts';
import { altered, boardOn, type Tampering, wireTo } from '../../support/wire.ts';

const WAVE = { wave: 0, amplitudeV: 0.2236, widthUs: 200_000 };
const BATCH = { batch: 1, gapUs: 0, slots: [[{ cell: 0, kind: 'SET', wave: 0 }]] } as const;

async function bench(tampering: Tampering = {}) {
  const mock = createMockBoard({ preset: 'dam-a', cells: 8 });
  const wire = wireTo(mock, tampering);
  return { mock, wire, board: await boardOn(wire) };
}

/** Greeted, a wave defined, armed. */
async function ready(tampering: Tampering = {}) {
  const parts = await bench(tampering);
  await parts.board.define([WAVE]);
  await parts.board.arm();
  return parts;
}

describe('a board over a good wire', () => {
  test('reads, defines, arms, runs, and is at rest when closed', async () => {
    const { board, mock } = await ready();
    expect(mock.isArmed).toBe(true);
    const { codes, boardTimeUs } = await board.run(BATCH);
    expect(codes).toHaveLength(2);
    expect(board.durationUs(BATCH)).toBe(2 * 2048 + 200_000);
    const { cells } = await board.read([0, 7]);
    expect(cells.map(({ cell }) => cell)).toEqual([0, 7]);
    expect((await board.ping()).boardTimeUs).toBeGreaterThan(boardTimeUs);
    await board.close();
    expect(mock.isArmed).toBe(false);
  });

  test('a reading of more cells than a line holds is put together from several', async () => {
    const mock = createMockBoard({ preset: 'dam-a', cells: 1024 });
    const wire = wireTo(mock);
    const { sent } = wire;
    const board = await boardOn(wire);
    const cells = Array.from({ length: 1024 }, (_, cell) => cell);
    const reading = await board.read(cells);
    expect(reading.cells.map(({ cell }) => cell)).toEqual(cells);
    expect(sent.filter((line) => line.includes('READ'))).toHaveLength(3);
  });

  test('a reading has the temperature that the board told, the mean of its parts, or none', async () => {
    const cells = Array.from({ length: 1024 }, (_, cell) => cell);
    const readingOf = async (toldMK: (part: number) => string) => {
      let parts = 0;
      const told = (line: string) => altered(line, / temp_mk=\d+/, toldMK(parts++));
      const toHost = (line: string) => (line.includes('codes=') ? told(line) : line);
      return (await boardOn(wireTo(createMockBoard({ preset: 'dam-a', cells: 1024 }), { toHost }))).read(
        cells,
      );
    };
    expect((await readingOf((part) => ` temp_mk=${299_000 + 1000 * part}`)).temperatureK).toBeCloseTo(300, 9);
    expect((await readingOf(() => '')).temperatureK).toBeUndefined();
  });

  test('greeting changes nothing; claiming ends what an earlier host left armed', async () => {
    const { mock, wire } = await ready();
    const board = await boardOn(wire);
    expect((await board.ping()).armed).toBe('yes');
    await board.claim();
    expect(mock.isArmed).toBe(false);
  });

  test('an amplitude that the board would not put out is refused before arming', async () => {
    const { board } = await bench({
      toHost: (line) => altered(line, /dac=\d+/, 'dac=65535'),
    });
    await expect(board.define([WAVE])).rejects.toMatchObject({
      code: 'unexpected-reply',
      message: 'Board dam-a:1 would put out 4.99992 V for a wave of 0.2236 V.',
    });
  });
});

describe('limits, before a byte is sent', () => {
  test.each([
    [
      'amplitude',
      { ...WAVE, amplitudeV: 5.5 },
      /amplitude of 5.5 V is beyond board dam-a:1, which takes 0.2 to 5 V/,
    ],
    ['width', { ...WAVE, widthUs: 1_500_000 }, /width of 1500000 us is beyond/],
    ['wave number', { ...WAVE, wave: 64 }, /wave number of 64/],
  ])('%s', async (_, wave, message) => {
    const { board, wire } = await bench();
    const before = wire.sent.length;
    await expect(board.define([WAVE, wave])).rejects.toMatchObject({
      code: 'limit-exceeded',
      message: expect.stringMatching(message),
    });
    expect(wire.sent).toHaveLength(before);
  });

  test('cells and batch size', async () => {
    const { board, wire } = await ready();
    const before = wire.sent.length;
    const slot = Array.from({ length: 502 }, (_, cell) => ({
      cell: cell % 8,
      kind: 'SET' as const,
      wave: 0,
    }));
    await expect(board.run({ ...BATCH, slots: [slot] })).rejects.toMatchObject({ code: 'limit-exceeded' });
    await expect(board.run({ ...BATCH, slots: [[{ cell: 8, kind: 'SET', wave: 0 }]] })).rejects.toMatchObject(
      {
        code: 'limit-exceeded',
        message: 'Cell 8 is not on board dam-a:1, which has cells 0 to 7.',
      },
    );
    await expect(board.read([8])).rejects.toMatchObject({ code: 'limit-exceeded' });
    expect(wire.sent).toHaveLength(before);
  });
});

describe('a bad wire', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Lets every deadline pass while the promise is pending. */
  async function outlast<T>(promise: Promise<T>): Promise<T> {
    promise.catch(() => {});
    await vi.advanceTimersByTimeAsync(300_000);
    return promise;
  }

  test('a batch whose reply is lost has an unknown outcome, is not sent again, and can be asked for', async () => {
    const { board, wire, mock } = await ready({
      toHost: (line) => (line.includes('OK batch=') ? undefined : line),
    });
    await expect(outlast(board.run(BATCH))).rejects.toMatchObject({ code: 'outcome-unknown' });
    expect(wire.sent.filter((line) => line.includes('RUN'))).toHaveLength(1);
    expect(mock.pulsesApplied(0, 'SET')).toBe(1);
    expect(await board.outcomeOf(BATCH, board.bootNonce)).toHaveProperty('codes.length', 2);
    expect(await board.outcomeOf({ ...BATCH, batch: 2 }, board.bootNonce)).toBe('unrun');
  });

  test('a reply shows at once that an earlier one is lost', async () => {
    const { board } = await ready({ toHost: (line) => (line.includes('OK batch=') ? undefined : line) });
    const batch = board.run(BATCH);
    batch.catch(() => {});
    await board.ping();
    await expect(batch).rejects.toMatchObject({
      code: 'outcome-unknown',
      message:
        'wire did not answer RUN though it answered PING, which was asked later. RUN may have been executed.',
    });
    expect(board.statistics).toMatchObject({ lostReplies: 1, timeouts: 0 });
  });

  test('a reading whose reply is lost or damaged is asked for again', async () => {
    let damage = 2;
    const { board } = await ready({
      toHost: (line) => {
        if (!line.includes('codes=') || damage === 0) return line;
        damage -= 1;
        return damage === 1 ? undefined : line.replace('codes=b', 'codes=c');
      },
    });
    const { cells } = await outlast(board.read([0, 1]));
    expect(cells).toHaveLength(2);
    expect(board.statistics).toMatchObject({ timeouts: 2, repeated: 2, badChecksums: 1, reconnects: 0 });
  });

  test('an unplug leaves a batch unknown; a question is asked again once the board is back', async () => {
    let isCut = false;
    const { board, wire } = await ready({ toBoard: (line) => (isCut ? undefined : line) });
    isCut = true;
    const reading = board.read([0]);
    const batch = board.run(BATCH);
    batch.catch(() => {});
    wire.unplug();
    await expect(batch).rejects.toMatchObject({
      code: 'outcome-unknown',
      message: expect.stringContaining('unplugged'),
    });
    await vi.advanceTimersByTimeAsync(3_000);
    isCut = false;
    wire.plug();
    await vi.advanceTimersByTimeAsync(3_000);
    expect((await reading).cells).toHaveLength(1);
    expect(wire.sent.filter((line) => line.includes('RUN'))).toHaveLength(1);
    expect(board.statistics).toMatchObject({ reconnects: 1, reboots: 0 });
  });

  test('a link that stays down is given up after a minute', async () => {
    const { board, wire } = await ready();
    wire.unplug();
    await expect(outlast(board.read([0]))).rejects.toMatchObject({
      code: 'link-lost',
      message: expect.stringMatching(
        /The link to wire has ended: .*unplugged.* given up after 60 s and \d+ attempts/,
      ),
    });
  });

  test.each([
    ['codes that cannot be read', /codes=.*/, 'codes=AAA'],
    ['codes of another count', /codes=.*/, 'codes=AAAA'],
    ['another batch', /batch=1/, 'batch=9'],
  ])('a reply to RUN with %s leaves the outcome unknown', async (_, pattern, damaged) => {
    const { board, mock } = await ready({
      toHost: (line) => (line.includes('OK batch=') ? altered(line, pattern, damaged) : line),
    });
    await expect(board.run(BATCH)).rejects.toMatchObject({ code: 'outcome-unknown' });
    expect(mock.pulsesApplied(0, 'SET')).toBe(1);
    expect(await board.outcomeOf(BATCH, board.bootNonce)).toHaveProperty('codes.length', 2);
  });

  test('a slow wire is given the time that its lines take', async () => {
    let isCut = false;
    const mock = createMockBoard({ preset: 'dam-a', cells: 8 });
    const wire = wireTo(mock, { toBoard: (line) => (isCut ? undefined : line) }, { bytesPerS: 960 });
    const board = await boardOn(wire, { heartbeatMs: 1e6 });
    isCut = true;
    const asked = board.ping();
    asked.catch(() => {});
    await vi.advanceTimersByTimeAsync(1);
    const before = wire.sent.length;
    // A line of 13 bytes out, one of 256 back at 960 a second, and a margin of at least 1 s.
    await vi.advanceTimersByTimeAsync(1_230);
    expect(wire.sent.length).toBe(before);
    await vi.advanceTimersByTimeAsync(100);
    expect(wire.sent.length).toBe(before + 1);
    await board.close();
    await expect(asked).rejects.toMatchObject({ code: 'link-lost' });
  });

  test('a silent port is no board', async () => {
    const wire = wireTo(createMockBoard({ preset: 'dam-a' }), { toBoard: () => undefined });
    await expect(outlast(boardOn(wire))).rejects.toMatchObject({
      code: 'no-reply',
      message: expect.stringContaining('nothing was heard'),
    });
  });

  test('a port that speaks something else is no board', async () => {
    const mock = createMockBoard({ preset: 'dam-a' });
    const wire = wireTo(mock, { toBoard: () => void mock.onSend('OK:AIMLAB_TESTSTATION_V3_r1\n') });
    await expect(outlast(boardOn(wire))).rejects.toMatchObject({
      code: 'no-reply',
      message: expect.stringMatching(/4 lines were heard/),
    });
  });

  test('another major version is refused by name', async () => {
    const preset = presets['dam-a'];
    if (preset === undefined) throw new Error('dam-a is gone');
    const mock = new MockBoard({
      preset,
      boardId: 'b',
      cells: 1,
      seed: 1,
      noise: false,
      mismatch: false,
      protocolVersion: '2.1',
    });
    await expect(boardOn(wireTo(mock))).rejects.toMatchObject({
      code: 'version-mismatch',
      message: 'The board at wire speaks FNP version 2.1, this fnloop speaks 1.1: the majors must match.',
    });
  });

  test('a reply that breaks the protocol is refused by field', async () => {
    const { board } = await bench({
      toHost: (line) => altered(line, /t_us=\d+ temp_mk.*/, 't_us=soon codes='),
    });
    await expect(board.read([0])).rejects.toMatchObject({
      code: 'unexpected-reply',
      message: expect.stringContaining('t_us'),
    });
  });

  test('close brings the board to rest even when it was armed by a lost ARM', async () => {
    let isLost = false;
    const { board, mock } = await bench({ toHost: (line) => (isLost ? undefined : line) });
    await board.define([WAVE]);
    isLost = true;
    const arming = board.arm();
    arming.catch(() => {});
    await vi.advanceTimersByTimeAsync(500);
    expect(mock.isArmed).toBe(true);
    isLost = false;
    await board.close();
    await arming.catch(() => {});
    expect(mock.isArmed).toBe(false);
  });
});
