import { expect, test } from 'vitest';
import { createMockBoard } from '../../../mocks/index.ts';
import { bringToRest } from '../../../src/board/bring-to-rest.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { altered, boardOn, wireTo } from '../../support/wire.ts';

const mockBoard = (protocol?: '1.0') => createMockBoard({ preset: 'dam-a', cells: 8, protocol });
const verbs = (sent: readonly string[]) => sent.map((line) => line.split(' ')[1]?.split('*')[0]);

test('an armed board is brought to rest, and said to have been armed', async () => {
  const mock = mockBoard();
  const board = await boardOn(wireTo(mock));
  await board.define([{ wave: 0, amplitudeV: 1, widthUs: 1000 }]);
  await board.arm();
  expect(mock.isArmed).toBe(true);
  const { endpoint, sent } = wireTo(mock);
  expect(await bringToRest(endpoint, systemClock)).toMatchObject({ boardId: 'dam-a:1', wasArmed: 'yes' });
  expect(mock.isArmed).toBe(false);
  expect(verbs(sent)).toEqual(['PING', 'SAFE', 'PING', 'HELLO']);
  expect(await bringToRest(wireTo(mock).endpoint, systemClock)).toMatchObject({ wasArmed: 'no' });
});

test('a board that is too busy to answer is told to rest without waiting for it', async () => {
  const mock = mockBoard('1.0');
  let isDeaf = true;
  const { endpoint } = wireTo(mock, {
    toBoard: (line) => {
      if (line.includes(' SAFE')) isDeaf = false;
      return isDeaf ? undefined : line;
    },
  });
  const startedMs = performance.now();
  expect(await bringToRest(endpoint, systemClock)).toMatchObject({ wasArmed: 'unknown' });
  expect(performance.now() - startedMs).toBeLessThan(1_500);
});

test('SAFE goes out before PING is answered, and what a board says of PING after SAFE is not how it was found', async () => {
  let pings = 0;
  const { endpoint, sent } = wireTo(mockBoard('1.0'), {
    toBoard: (line) => (line.includes(' PING') && pings++ === 0 ? undefined : line),
  });
  expect(await bringToRest(endpoint, systemClock)).toMatchObject({ wasArmed: 'unknown' });
  expect(verbs(sent).slice(0, 2)).toEqual(['PING', 'SAFE']);
});

test('SAFE is asked again where its reply is lost', async () => {
  let lost = 0;
  const { endpoint, sent } = wireTo(mockBoard(), {
    toBoard: (line) => (line.includes(' SAFE') && lost++ === 0 ? undefined : line),
  });
  await bringToRest(endpoint, systemClock);
  expect(verbs(sent).filter((verb) => verb === 'SAFE')).toHaveLength(2);
});

test('a board that says it is armed after SAFE is not said to be at rest', async () => {
  const { endpoint } = wireTo(mockBoard(), {
    toHost: (line) => (line.includes('armed=') ? altered(line, /armed=no/, 'armed=yes') : line),
  });
  await expect(bringToRest(endpoint, systemClock)).rejects.toMatchObject({
    code: 'unexpected-reply',
    message: expect.stringContaining('switch off its programming supply'),
  });
});

test('a board of FNP/1.1 says with SAFE how it was found, also where PING gets no answer', async () => {
  const mock = mockBoard();
  const board = await boardOn(wireTo(mock));
  await board.define([{ wave: 0, amplitudeV: 1, widthUs: 1000 }]);
  await board.arm();
  let pings = 0;
  const { endpoint } = wireTo(mock, {
    toBoard: (line) => (line.includes(' PING') && pings++ === 0 ? undefined : line),
  });
  expect(await bringToRest(endpoint, systemClock)).toMatchObject({ wasArmed: 'yes' });
});
