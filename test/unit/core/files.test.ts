import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';

const FILES = new URL('../../../dist/src/core/files.js', import.meta.url).href;
const THREADS = 2;
const ROUNDS = 300;

/** Makes folder after folder, each at the same moment as the other thread. */
const maker = `
  import { workerData } from 'node:worker_threads';
  const { makeFolders } = await import(workerData.files);
  const met = new Int32Array(workerData.met);
  for (let round = 0; round < workerData.rounds; round += 1) {
    Atomics.add(met, 0, 1);
    while (Atomics.load(met, 0) < (round + 1) * workerData.threads);
    makeFolders(workerData.folder + '/' + round + '/runs/boards');
  }`;

test('folders that another process makes at the same moment are there for both', async () => {
  const folder = temporaryFolder();
  const workerData = {
    files: FILES,
    folder,
    met: new SharedArrayBuffer(4),
    rounds: ROUNDS,
    threads: THREADS,
  };
  const url = new URL(`data:text/javascript,${encodeURIComponent(maker)}`);
  await Promise.all(
    Array.from(
      { length: THREADS },
      () =>
        new Promise<void>((resolve, reject) => {
          new Worker(url, { workerData }).on('error', reject).on('exit', () => resolve());
        }),
    ),
  );
  expect(existsSync(join(folder, String(ROUNDS - 1), 'runs', 'boards'))).toBe(true);
});
