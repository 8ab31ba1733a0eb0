import { expect, onTestFinished, test } from 'vitest';
import { createMockBoard } from '../../../mocks/index.ts';
import { SafeDoor } from '../../../src/board/safe-door.ts';
import { parseAddress } from '../../../src/transport/address.ts';
import { askHolders } from '../../../src/transport/ask-holders.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { boardOn, wireTo } from '../../support/wire.ts';

const BENCH = parseAddress('tcp:127.0.0.1:7000');

async function openDoor() {
  const shared = temporaryFolder();
  const work = () => ({ command: 'fnloop train', run: 'r1', goOn: null });
  const door = new SafeDoor({ work, note: () => {}, shared });
  onTestFinished(() => door.close());
  await door.open(BENCH);
  return { door, hear: () => askHolders(BENCH, shared).all };
}

test('a board that is armed is brought to rest for whoever asks', async () => {
  const mock = createMockBoard({ preset: 'dam-a', cells: 8 });
  const board = await boardOn(wireTo(mock, {}, { address: BENCH.text }));
  await board.define([{ wave: 0, amplitudeV: 1, widthUs: 1000 }]);
  await board.arm();
  const { door, hear } = await openDoor();
  door.follow(board);
  const answer = { process: process.pid, command: 'fnloop train', run: 'r1', boardId: 'dam-a:1' };
  expect(await hear()).toMatchObject([{ ...answer, state: 'at-rest' }]);
  expect(mock.isArmed).toBe(false);
  await board.close();
  expect(await hear()).toMatchObject([{ state: 'not-connected', boardId: null }]);
});

test('before the board is connected that is said at once, and SAFE follows when it is', async () => {
  const { door, hear } = await openDoor();
  expect(await hear()).toMatchObject([{ state: 'not-connected' }]);
  const mock = createMockBoard({ preset: 'dam-a', cells: 8 });
  const wire = wireTo(mock, {}, { address: BENCH.text });
  const board = await boardOn(wire);
  door.follow(board);
  await expect.poll(() => wire.sent.some((line) => line.includes(' SAFE'))).toBe(true);
  await board.close();
});
