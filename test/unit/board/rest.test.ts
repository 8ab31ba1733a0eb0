import { afterEach, expect, test, vi } from 'vitest';
import { commands } from '../../../firmware-protocol/commands.ts';
import type { RestCause } from '../../../firmware-protocol/rest.ts';
import { createMockBoard } from '../../../mocks/index.ts';
import type { ForeignRest } from '../../../src/board/rest-watch.ts';
import { altered, boardOn, type Tampering, wireTo } from '../../support/wire.ts';
import { request } from '../mocks/armed.ts';

const WAVE = { wave: 0, amplitudeV: 0.2236, widthUs: 200_000 };
const batch = (id: number) =>
  ({ batch: id, gapUs: 0, slots: [[{ cell: 0, kind: 'SET', wave: 0 }]] }) as const;

/** Greeted, a wave defined, armed; `rested` is what it was told of. */
async function ready(tampering: Tampering = {}, protocol?: '1.0' | '1.1') {
  const mock = createMockBoard({ preset: 'dam-a', cells: 8, protocol });
  const wire = wireTo(mock, tampering);
  const board = await boardOn(wire);
  const rested: ForeignRest[] = [];
  board.rested$.subscribe((rest) => rested.push(rest));
  await board.define([WAVE]);
  await board.arm();
  /** SAFE of somebody who shares the wire. */
  const safe = (host?: number) => mock.receive(request(65_000, commands.safe, { host }));
  return { mock, wire, board, rested, safe };
}

const sentRuns = (sent: readonly string[]) => sent.filter((line) => line.includes(' RUN ')).length;

afterEach(() => {
  vi.useRealTimers();
});

test.each<[RestCause, number, string]>([
  ['safe', 0, 'SAFE of somebody else'],
  ['safe', 7, 'SAFE of another host'],
  ['disarm', 7, 'DISARM of another host'],
  ['dead-man', 7, 'the dead-man of another host, which fell silent'],
  ['button', 0, 'its button'],
  ['interlock', 0, 'its interlock'],
  ['other', 0, 'itself'],
])('a rest by %s of host %i holds until somebody says go on', async (restCause, restHost, by) => {
  const { mock, board, rested, wire } = await ready();
  mock.bringToRest({ restCause, restHost });
  await expect(board.run(batch(1))).rejects.toMatchObject({ code: 'board-refused' });
  expect(rested).toEqual([{ cause: restCause, by }]);
  expect(board.rest).toEqual(rested[0]);

  const runs = sentRuns(wire.sent);
  for (const work of [() => board.run(batch(1)), () => board.arm(), () => board.restore()])
    await expect(work()).rejects.toMatchObject({
      code: 'brought-to-rest',
      message: `Board dam-a:1 was brought to rest by ${by}, and stays so until somebody says go on.`,
    });
  expect(sentRuns(wire.sent)).toBe(runs);
  expect(mock.isArmed).toBe(false);

  board.goOn();
  await board.restore();
  expect((await board.run(batch(1))).slotsDone).toBe(1);
});

test('rests of its own are none of these: SAFE, DISARM, and a dead-man that it fell silent to', async () => {
  const { mock, board, rested } = await ready();
  await board.disarm();
  await board.arm();
  await board.claim();
  await board.claim();
  await board.define([WAVE]);
  await board.arm();
  mock.missHost();
  await board.ping();
  await board.restore();
  expect((await board.run(batch(1))).slotsDone).toBe(1);
  expect(rested).toEqual([]);
});

test('its own dead-man while the link was down is found out when it arms', async () => {
  const { mock, board, rested } = await ready({
    toHost: (line) => (line.startsWith('!REST') ? undefined : line),
  });
  mock.missHost();
  await board.restore();
  expect(mock.isArmed).toBe(true);
  expect(rested).toEqual([]);
});

test('a SAFE that is told again since its reply was lost is the same rest', async () => {
  vi.useFakeTimers();
  let swallow = 0;
  const { board, rested, mock } = await ready({
    toHost: (line) => (line.includes('was_armed') && swallow-- > 0 ? undefined : line),
  });
  swallow = 2;
  const claimed = board.claim();
  await vi.advanceTimersByTimeAsync(30_000);
  await claimed;
  await board.define([WAVE]);
  await board.arm();
  expect([mock.isArmed, rested]).toEqual([true, []]);
});

test('an ARM that is on its way when somebody else says SAFE arms nothing', async () => {
  let isNext = false;
  const { mock, board, rested, safe } = await ready({
    toBoard: (line) => {
      if (isNext && line.includes(' ARM ')) {
        isNext = false;
        safe();
      }
      return line;
    },
  });
  await board.claim();
  await board.define([WAVE]);
  isNext = true;
  await expect(board.arm()).rejects.toMatchObject({ code: 'brought-to-rest' });
  expect(mock.isArmed).toBe(false);
  expect(rested).toHaveLength(1);
});

test('a SAFE of somebody else between two of its own is not taken for one of these', async () => {
  let isQuiet = false;
  const { board, rested, safe } = await ready({
    toHost: (line) => (isQuiet && line.startsWith('!') ? undefined : line),
  });
  isQuiet = true;
  await board.claim();
  expect(rested).toEqual([]);
  safe();
  await board.claim();
  expect(rested).toHaveLength(1);
});

test('a SAFE for somebody else goes out at once, in front of a full window, and holds from that moment', async () => {
  let isSilent = false;
  const { board, wire, mock, rested } = await ready({ toHost: (line) => (isSilent ? undefined : line) });
  isSilent = true;
  for (let id = 1; id <= 12; id += 1) board.run(batch(id)).catch(() => {});
  await Promise.resolve();
  const made = board.makeSafe({ by: 'a person at the bench' });
  made.catch(() => {});
  expect(board.rest).toEqual({ cause: 'safe', by: 'a person at the bench' });
  expect(rested).toHaveLength(1);
  await vi.waitFor(() => expect(mock.isArmed).toBe(false));
  expect(wire.sent.at(-1)).toMatch(/ SAFE\*/);
  expect(sentRuns(wire.sent)).toBe(8);
  board.close().catch(() => {});
});

test('a SAFE for somebody else says whether the board was armed', async () => {
  const { board, safe } = await ready();
  expect(await board.makeSafe({ by: 'a person' })).toMatchObject({ wasArmed: 'yes' });
  expect(await board.makeSafe({ by: 'a person' })).toMatchObject({ wasArmed: 'no' });
  safe();
  expect(board.rest?.cause).toBe('safe');
});

test('a restart forgets rests with all else, and one after it counts anew', async () => {
  const { mock, board, rested, safe } = await ready();
  mock.reboot();
  await board.ping();
  await board.restore();
  expect([mock.isArmed, rested]).toEqual([true, []]);
  mock.reboot();
  safe();
  await board.ping();
  expect(rested).toEqual([{ cause: 'safe', by: 'SAFE of somebody else' }]);
});

test('a board of FNP/1.0 that has restarted is armed again', async () => {
  const { mock, board, rested } = await ready({}, '1.0');
  mock.reboot();
  await board.ping();
  await board.restore();
  expect([mock.isArmed, rested]).toEqual([true, []]);
});

test('of a board of FNP/1.0 a disarming that no silence explains is of somebody else', async () => {
  const { board, rested, safe, wire } = await ready({}, '1.0');
  expect(wire.sent.find((line) => line.includes(' ARM '))).not.toMatch(/rests|host/);
  safe();
  await board.ping();
  expect(rested).toEqual([{ cause: 'unknown', by: 'something that FNP/1.0 does not tell' }]);
  await expect(board.restore()).rejects.toMatchObject({ code: 'brought-to-rest' });
});

test('of a board of FNP/1.0 a disarming after a silence as long as its dead-man waits is its own', async () => {
  vi.useFakeTimers();
  let isCut = false;
  const { mock, board, rested } = await ready(
    { toBoard: (line) => (isCut ? undefined : line), toHost: (line) => (isCut ? undefined : line) },
    '1.0',
  );
  isCut = true;
  await vi.advanceTimersByTimeAsync(6_000);
  expect(mock.isArmed).toBe(false);
  isCut = false;
  await vi.advanceTimersByTimeAsync(6_000);
  await board.restore();
  expect([mock.isArmed, rested]).toEqual([true, []]);
});

test('a board that counts no rest, though it says that it does, is left disarmed all the same', async () => {
  let isLying = false;
  const { board, rested, safe } = await ready({
    toHost: (line) => {
      if (!isLying) return line;
      return line.startsWith('!REST') ? undefined : altered(line, / rests=\d+/, ' rests=0');
    },
  });
  isLying = true;
  safe();
  await board.ping();
  expect(rested).toEqual([{ cause: 'unknown', by: 'something that it does not tell' }]);
});

test.each([
  ['a rest that nobody took note of', undefined, true],
  ['one that was noted', 1, false],
  ['one after those that were noted', 0, true],
])('work that goes on without a person: %s', async (_, noted, isHeld) => {
  const mock = createMockBoard({ preset: 'dam-a', cells: 8 });
  mock.receive(request(1, commands.safe, {}));
  const { bootNonce } = mock;
  const earlier = {
    host: 9,
    isBegun: true,
    noted: noted === undefined ? undefined : { bootNonce, rests: noted },
  };
  const board = await boardOn(wireTo(mock), { earlier });
  expect(board.rest === undefined).toBe(!isHeld);
  await board.close();

  // Another host that has ended its own work wants nothing of this one.
  mock.receive(request(1, commands.safe, { host: 77 }));
  expect((await boardOn(wireTo(mock), { earlier })).rest).toBeUndefined();
});

test('what somebody else has brought to rest is told to rest in nobody’s name, so that the next process knows', async () => {
  const { mock, board, wire } = await ready();
  mock.bringToRest({ restCause: 'button', restHost: 0 });
  await board.ping();
  await board.close();
  expect(wire.sent.filter((line) => line.includes(' SAFE')).at(-1)).not.toContain('host=');
  const earlier = { host: 9, isBegun: true };
  expect((await boardOn(wireTo(mock), { earlier })).rest).toMatchObject({ cause: 'safe' });
});
