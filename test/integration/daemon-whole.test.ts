import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { BoardStatus, Job } from '../../src/daemon/lab.ts';
import { RunReader } from '../../src/store/run-reader.ts';
import { type RunSummary, summarize } from '../../src/store/summary.ts';
import {
  daemonConfig,
  jobsIn,
  pulsesOn,
  pulsesRecorded,
  servedMock,
  startDaemon,
  until,
} from '../support/daemon.ts';
import { fnloopJson } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';
import { trainInPython } from '../support/train-example.ts';

interface Status {
  readonly boards: readonly BoardStatus[];
}

const summaryOf = (runs: string, runId: string | null) => RunReader.with(join(runs, runId ?? ''), summarize);

test('killed with -9 twice amid the runs of four boards, the daemon goes on with them, and every pulse is on record once', {
  timeout: 240_000,
}, async () => {
  const boards = await Promise.all([1, 2, 3, 4].map((seed) => servedMock(seed)));
  const names = boards.map((_, index) => `b${index}`);
  const { file, runs } = daemonConfig(
    Object.fromEntries(boards.map(({ address }, index) => [names[index], address])),
    { resume: 'automatic' },
  );
  let daemon = await startDaemon(file);
  // At once, or the first would be done before the last has begun.
  const queue = (board: string, index: number) =>
    fnloopJson<Job>(
      ...['queue', 'breast-cancer', '--on', board, '--steps', '120', '--seed', String(index + 1)],
      ...['--daemon', daemon.ready.address],
    );
  await Promise.all(names.map(queue));
  for (const more of [8, 12]) {
    const from = boards.map(({ batches }) => batches());
    await until(
      () => boards.every(({ batches }, index) => batches() > (from[index] ?? 0) + more),
      'all train',
      60_000,
    );
    daemon.child.kill('SIGKILL');
    await daemon.ended;
    daemon = await startDaemon(file);
  }
  await until(() => jobsIn(runs).every(({ state }) => state === 'finished'), 'all finish', 90_000);
  for (const { board, runId, reason } of jobsIn(runs)) {
    const mock = boards[names.indexOf(board)]?.mock;
    const { pulses, unsettled } = await pulsesRecorded(runs, runId);
    const { status, interruptions, accuracy } = await summaryOf(runs, runId);
    expect([reason, unsettled, status, interruptions.count]).toEqual([null, 0, 'finished', 2]);
    expect(accuracy.test).toBeGreaterThan(0.95);
    expect(pulses).toEqual(mock && pulsesOn(mock));
    expect(mock?.isArmed).toBe(false);
  }
});

test('a trainer outside, in Python, does as well on the mock as fnloop train', {
  timeout: 90_000,
}, async () => {
  const { mock, address } = await servedMock(1);
  const { file, runs } = daemonConfig({ left: address });
  const { ready } = await startDaemon(file);
  const isReady = async () =>
    (await fnloopJson<Status>('status', '--daemon', ready.address)).boards[0]?.state === 'ready';
  while (!(await isReady())) await wait(100);
  const { code, stdout, stderr } = await trainInPython(ready.address, 'left');
  expect([code, stderr]).toEqual([0, '']);
  const { runId, testAccuracy, updates } = JSON.parse(stdout) as {
    readonly runId: string;
    readonly testAccuracy: number;
    readonly updates: number;
  };
  const { accuracy } = await fnloopJson<RunSummary>(
    ...['train', 'breast-cancer', '--board', 'mock:dam-a?cells=64&seed=1', '--runs', temporaryFolder()],
  );
  expect(Math.abs(testAccuracy - (accuracy.test ?? 0))).toBeLessThan(0.02);
  const { pulses, unsettled, status } = await pulsesRecorded(runs, runId);
  expect([unsettled, status]).toEqual([0, 'finished']);
  // The bring-up, which finds the sign, is on record beside what was asked for.
  expect((await summaryOf(runs, runId)).updates).toBe(updates + 31);
  expect(pulses).toEqual(pulsesOn(mock));
});
