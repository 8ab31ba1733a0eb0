import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { spellLine } from '../../../firmware-protocol/line.ts';
import { createMockBoard, type MockBoard } from '../../../mocks/index.ts';
import { Board } from '../../../src/board/board.ts';
import type { LinkNews } from '../../../src/board/link-news.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { FnloopError } from '../../../src/core/errors.ts';
import type { Endpoint, Place } from '../../../src/transport/endpoint.ts';
import { altered, boardOn, type Tampering, wireTo } from '../../support/wire.ts';

const WAVE = { wave: 0, amplitudeV: 0.2236, widthUs: 200_000 };
const batch = (number: number) =>
  ({ batch: number, gapUs: 0, slots: [[{ cell: 0, kind: 'SET', wave: 0 }]] }) as const;

/** A board on a wire that a test may alter, with what it tells of its link. */
async function bench(tampering: Tampering = {}, heartbeatMs = 1_000) {
  const mock = createMockBoard({ preset: 'dam-a', cells: 8 });
  const wire = wireTo(mock, tampering);
  const board = await boardOn(wire, { heartbeatMs });
  const news: LinkNews[] = [];
  board.linkNews$.subscribe((item) => news.push(item));
  return { mock, wire, board, news, kinds: () => news.map(({ kind }) => kind) };
}

const placeOf = ({ endpoint }: { readonly endpoint: Endpoint }, address: string): Place => ({
  address,
  open: async () => {
    const [place] = await endpoint.places();
    if (place === undefined) throw new Error('a wire has a place');
    return place.open();
  },
});

const nothingThere = (address: string): Place => ({
  address,
  open: async () => {
    throw new FnloopError('port-missing', `Nothing is at ${address}.`);
  },
});

function endpointAt(places: readonly Place[]) {
  const end = { isClosed: false };
  const endpoint: Endpoint = {
    address: 'wanted',
    places: async () => places,
    close: async () => {
      end.isClosed = true;
    },
  };
  return { endpoint, end };
}

const spoken = (name: string, fields: Record<string, string> = {}) =>
  `${spellLine({ kind: 'event', name, fields: new Map(Object.entries(fields)) })}\n`;
const hellosIn = (sent: readonly string[]) => sent.filter((line) => line.includes(' HELLO ')).length;
const runsIn = (sent: readonly string[]) => sent.filter((line) => line.includes(' RUN ')).length;

describe('places', () => {
  test('are tried in order, up to the one where the board answers', async () => {
    const silent = wireTo(createMockBoard({ preset: 'dam-a' }), { toBoard: () => undefined });
    const good = wireTo(createMockBoard({ preset: 'dam-a' }));
    const spare = wireTo(createMockBoard({ preset: 'dam-a' }));
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const places = [nothingThere('one'), placeOf(silent, 'two'), placeOf(good, 'three')];
    const { endpoint } = endpointAt([...places, placeOf(spare, 'four')]);
    const connecting = boardOn({ endpoint });
    await vi.advanceTimersByTimeAsync(10_000);
    const board = await connecting;
    expect(hellosIn(silent.sent)).toBe(4);
    expect(hellosIn(good.sent)).toBe(1);
    expect(spare.sent).toEqual([]);
    await board.close();
  });

  test('a first round in vain rejects with what was wrong at the first of them, and closes the endpoint', async () => {
    const { endpoint, end } = endpointAt([nothingThere('one'), nothingThere('two')]);
    await expect(boardOn({ endpoint })).rejects.toMatchObject({
      code: 'port-missing',
      message: 'Nothing is at one.',
    });
    expect(end.isClosed).toBe(true);
  });

  test('a board that is another one is left alone and named', async () => {
    const ours = wireTo(createMockBoard({ preset: 'dam-a', seed: 1 }));
    const other = createMockBoard({ preset: 'dam-a', seed: 2 });
    const stranger = wireTo(other);
    let places = [placeOf(ours, 'here')];
    const policy = { firstWaitMs: 1, mostWaitMs: 1, giveUpMs: 20 };
    const endpoint = { address: 'wanted', places: async () => places, close: async () => {} };
    const board = await boardOn({ endpoint }, { policy });
    places = [nothingThere('here'), placeOf(stranger, 'there')];
    ours.unplug();
    await expect(board.read([0])).rejects.toMatchObject({
      code: 'link-lost',
      message: expect.stringContaining(
        'Nothing is at here. At there, board dam-a:2 answers there, expected dam-a:1: it was left alone.',
      ),
    });
    expect(new Set(stranger.sent.map((line) => line.split(' ')[1]))).toEqual(new Set(['HELLO']));
  });

  test('a board that announces other abilities than before is left alone too', async () => {
    let isChanged = false;
    const mock = createMockBoard({ preset: 'dam-a' });
    const wire = wireTo(mock, {
      toHost: (line) => (isChanged ? altered(line, /results=64/, 'results=4') : line),
    });
    const policy = { firstWaitMs: 1, mostWaitMs: 1, giveUpMs: 20 };
    const board = await boardOn(wire, { policy });
    isChanged = true;
    wire.unplug();
    wire.plug();
    await expect(board.ping()).rejects.toMatchObject({
      message: expect.stringContaining('board dam-a:1 now announces results 4, before 64'),
    });
  });
});

describe('a connection that is dead without being closed', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('is found by the heartbeat, closed, and made anew', async () => {
    let isDead = false;
    const { board, news } = await bench({ toHost: (line) => (isDead ? undefined : line) });
    isDead = true;
    await vi.advanceTimersByTimeAsync(6_000);
    expect(news[0]).toEqual({
      kind: 'lost',
      detail: expect.stringMatching(/^wire did not answer PING within/),
    });
    isDead = false;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(news.map(({ kind }) => kind)).toEqual(['lost', 'up']);
    expect(board.statistics).toMatchObject({ reconnects: 1, reboots: 0 });
    await board.close();
  });

  test('is not closed before it was silent for a heartbeat: one lost reply is not a lost link', async () => {
    let toLose = 2;
    const { board, kinds } = await bench({
      toHost: (line) => (line.includes('bad_lines=') && toLose-- > 0 ? undefined : line),
    });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(kinds()).toEqual([]);
    expect(board.statistics).toMatchObject({ repeated: 2, reconnects: 0 });
    await board.close();
  });

  test('what is asked while it is closed waits for the next one', async () => {
    let isDead = false;
    const { board } = await bench({ toHost: (line) => (isDead ? undefined : line) });
    isDead = true;
    const asked = board.read([0]);
    await vi.advanceTimersByTimeAsync(5_000);
    isDead = false;
    await vi.advanceTimersByTimeAsync(5_000);
    expect((await asked).cells).toHaveLength(1);
    await board.close();
  });
});

describe('a new boot', () => {
  test.each([
    ['!BOOT', (mock: MockBoard) => mock.reboot()],
    ['PING, where !BOOT was lost', rebootedSilently],
  ])('is noticed by %s', async (_, reboot) => {
    const { board, mock, kinds } = await bench();
    await board.define([WAVE]);
    reboot(mock);
    await new Promise(setImmediate);
    const pong = await board.ping();
    expect(pong.bootNonce).toBe(mock.bootNonce);
    expect(board.bootNonce).toBe(mock.bootNonce);
    expect(board.hasForgotten).toBe(true);
    expect(kinds()).toEqual(['rebooted']);
    expect(board.statistics.reboots).toBe(1);
  });

  function rebootedSilently(mock: MockBoard): void {
    const { onSend } = mock;
    mock.onSend = () => {};
    mock.reboot();
    mock.onSend = onSend;
  }

  test('right after HELLO is not missed, though nobody listened yet', async () => {
    const mock = createMockBoard({ preset: 'dam-a' });
    const wire = wireTo(mock, {
      toHost: (line) => {
        if (line.includes('proto=')) queueMicrotask(() => mock.reboot());
        return line;
      },
    });
    const board = await boardOn(wire);
    expect(board.identity.bootNonce).not.toBe(mock.bootNonce);
    expect(board.bootNonce).toBe(mock.bootNonce);
  });

  test('is not undone by a reply of the boot before that was read together with it', async () => {
    const { board, mock, wire, kinds } = await bench();
    const asked = board.ping();
    // The reply to PING and !BOOT reach the session before whoever asked goes on.
    while (!wire.sent.some((line) => line.includes('PING'))) await Promise.resolve();
    mock.reboot();
    const pong = await asked;
    expect(pong.bootNonce).not.toBe(mock.bootNonce);
    expect(board.bootNonce).toBe(mock.bootNonce);
    expect(kinds()).toEqual(['rebooted']);
  });

  test('that cannot be read is counted as a bad line, and harms nobody', async () => {
    const { board, mock } = await bench();
    mock.onSend(spoken('BOOT', { boot: 'soon' }));
    mock.onSend(spoken('NEWS', { of: 'a-later-version' }));
    await new Promise(setImmediate);
    expect(board.statistics.badForms).toBe(1);
    expect((await board.ping()).armed).toBe('no');
  });
});

describe('what waits for room', () => {
  test('is not sent when all is forgotten, and is known not to have been', async () => {
    let isCut = false;
    const { board, wire } = await bench({ toBoard: (line) => (isCut ? undefined : line) });
    await board.define([WAVE]);
    await board.arm();
    isCut = true;
    const { window } = board.identity;
    const runs = Array.from({ length: window + 3 }, (_, index) => board.run(batch(index + 1)));
    const codes = Promise.all(runs.map((run) => run.catch((error: FnloopError) => error.code)));
    await new Promise(setImmediate);
    isCut = false;
    await board.close();
    expect(runsIn(wire.sent)).toBe(window);
    expect(wire.sent.at(-1)).toContain(' SAFE');
    const unknown = Array.from({ length: window }, () => 'outcome-unknown');
    expect(await codes).toEqual([...unknown, 'link-lost', 'link-lost', 'link-lost']);
  });
});

describe('an end', () => {
  /** A place that opens when told to. */
  function slowPlace() {
    const wire = wireTo(createMockBoard({ preset: 'dam-a' }));
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    let closed: Promise<unknown> = Promise.reject(new Error('it was never opened'));
    closed.catch(() => {});
    const place: Place = {
      address: 'slow',
      open: async () => {
        await opened;
        const transport = await placeOf(wire, 'slow').open();
        closed = transport.closed;
        return transport;
      },
    };
    return { wire, place, open: () => open(), closed: () => closed };
  }

  test('while a port is opening takes effect at once; the port is closed when it opens, and nothing is sent', async () => {
    const { wire, place, open, closed } = slowPlace();
    const { endpoint, end } = endpointAt([place]);
    const stopping = new AbortController();
    const connecting = boardOn({ endpoint }, { signal: stopping.signal });
    await new Promise(setImmediate);
    stopping.abort();
    await expect(connecting).rejects.toMatchObject({ code: 'interrupted' });
    expect(end.isClosed).toBe(true);
    open();
    await new Promise(setImmediate);
    await closed();
    expect(wire.sent).toEqual([]);
  });

  test('while a board is greeted closes that connection', async () => {
    const wire = wireTo(createMockBoard({ preset: 'dam-a' }), { toBoard: () => undefined });
    const stopping = new AbortController();
    const connecting = boardOn(wire, { signal: stopping.signal });
    await new Promise(setImmediate);
    expect(wire.sent).toHaveLength(1);
    stopping.abort();
    await expect(connecting).rejects.toMatchObject({ code: 'interrupted' });
  });

  test('before the first place was looked for opens none', async () => {
    const wire = wireTo(createMockBoard({ preset: 'dam-a' }));
    await expect(boardOn(wire, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'interrupted',
    });
    expect(wire.sent).toEqual([]);
  });

  test('of waiting leaves one more try to a link that is lost, and no pauses', async () => {
    const stopping = new AbortController();
    const wire = wireTo(createMockBoard({ preset: 'dam-a' }));
    const board = await boardOn(wire, { signal: stopping.signal });
    stopping.abort();
    wire.unplug();
    wire.plug();
    expect((await board.ping()).armed).toBe('no');
    expect(board.statistics.reconnects).toBe(1);
    wire.unplug();
    await expect(board.ping()).rejects.toMatchObject({ code: 'interrupted' });
  });

  test('of a board whose wire is out still brings it to rest, over the next connection', async () => {
    const { board, mock, wire } = await bench();
    await board.define([WAVE]);
    await board.arm();
    wire.unplug();
    const closing = board.close();
    expect(board.close()).toBe(closing);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(mock.isArmed).toBe(true);
    wire.plug();
    await closing;
    expect(mock.isArmed).toBe(false);
  });

  test('leaves no timer behind, and nothing that is told later', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { board, mock, news } = await bench();
    let isComplete = false;
    board.linkNews$.subscribe({
      complete: () => {
        isComplete = true;
      },
    });
    const asked = board.ping();
    asked.catch(() => {});
    await board.close();
    await board.close();
    mock.reboot();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(vi.getTimerCount()).toBe(0);
    expect(isComplete).toBe(true);
    expect(news).toEqual([]);
    await expect(board.ping()).rejects.toMatchObject({ code: 'link-lost' });
  });

  test('where the endpoint cannot be closed says so, beside why it ended', async () => {
    const endpoint: Endpoint = {
      address: 'wanted',
      places: async () => [nothingThere('one')],
      close: async () => {
        throw new Error('it is stuck');
      },
    };
    await expect(Board.connect(endpoint, { clock: systemClock })).rejects.toMatchObject({
      code: 'port-missing',
      problems: ['wanted could not be closed: it is stuck'],
    });
  });
});
