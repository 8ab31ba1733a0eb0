import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ReadingRoom } from '../../../src/daemon/api/reading-room.ts';
import { temporaryFolder } from '../../support/folder.ts';

/** A thread that does for each question what its text says. */
const THREAD = `
import { parentPort } from 'node:worker_threads';
parentPort.on('message', ({ file }) => {
  if (file === 'forever') for (;;);
  if (file === 'memory') for (const all = []; ; ) all.push(new Array(100_000).fill(file));
  if (file === 'defect') throw new Error('a defect');
  parentPort.postMessage({ value: file });
});`;

test('what takes too much time or memory is given up, and the next one is read', async () => {
  const entry = join(temporaryFolder(), 'thread.mjs');
  writeFileSync(entry, THREAD);
  const room = new ReadingRoom(entry, 2_000);
  onTestFinished(() => room.close());
  const read = (file: string) => room.read({ kind: 'calibration', file });
  const asked = ['one', 'forever', 'two', 'memory', 'three', 'defect', 'four'].map(read);
  const settled = await Promise.allSettled(asked);
  expect(settled.map((each) => (each.status === 'fulfilled' ? each.value : each.reason.code))).toEqual([
    'one',
    'too-many',
    'two',
    'too-many',
    'three',
    'too-many',
    'four',
  ]);
}, 30_000);

test('only so many wait, and none once it is closed', async () => {
  const entry = join(temporaryFolder(), 'thread.mjs');
  writeFileSync(entry, THREAD);
  const room = new ReadingRoom(entry);
  const asked = Array.from({ length: 80 }, () => room.read({ kind: 'calibration', file: 'forever' }));
  const settled = Promise.allSettled(asked);
  await expect(asked[79]).rejects.toMatchObject({
    code: 'too-many',
    message: expect.stringContaining('ask later'),
  });
  await room.close();
  for (const each of await settled) expect(each.status).toBe('rejected');
});
