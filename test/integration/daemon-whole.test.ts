import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { BoardStatus, Job } from '../../src/daemon/lab.ts';
import { RunReader } from '../../src/store/run-reader.ts';
import { usageOf } from '../../src/store/run-usage.ts';
import { type RunSummary, summarize } from '../../src/store/summary.ts';
import { daemonConfig, jobsIn, pulsesOn, servedMock, startDaemon, until } from '../support/daemon.ts';
import { fnloopJson } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';
import { trainInPython } from '../support/train-example.ts';

interface Status {
  readonly boards: readonly BoardStatus[];
}

const pulsesIn = (folder: string) =>
  RunReader.with(folder, async (run) => {
    const { nodes, unsettled } = await usageOf(run);
    const pulses = Array.from({ length: 128 }, (_, node) => nodes.of(node).pulses);
    return { pulses, unsettled, summary: await summarize(run) };
  });

test('killed with -9 twice amid the runs of two boards, the daemon goes on with them, and every pulse is on record once', {
  timeout: 120_000,
}, async () => {
  const boards = [await servedMock(1), await servedMock(2)] as const;
  const { file, runs } = daemonConfig(
    { b0: boards[0].address, b1: boards[1].address },
    { resume: 'automatic' },
  );
  let daemon = await startDaemon(file);
  for (const [index, board] of ['b0', 'b1'].entries())
    await fnloopJson<Job>(
      ...['queue', 'breast-cancer', '--on', board, '--steps', '120', '--seed', String(index + 1)],
      ...['--daemon', daemon.ready.address],
    );
  for (const more of [15, 25]) {
    const from = boards.map(({ batches }) => batches());
    await until(
      () => boards.every(({ batches }, index) => batches() > (from[index] ?? 0) + more),
      'both train',
    );
    daemon.child.kill('SIGKILL');
    await daemon.ended;
    daemon = await startDaemon(file);
  }
  await until(() => jobsIn(runs).every(({ state }) => state === 'finished'), 'both finish', 90_000);
  for (const [index, { runId, reason }] of jobsIn(runs).entries()) {
    const { pulses, unsettled, summary } = await pulsesIn(join(runs, runId ?? ''));
    expect([reason, unsettled, summary.status]).toEqual([null, 0, 'finished']);
    expect(summary.interruptions.count).toBe(2);
    expect(summary.accuracy.test).toBeGreaterThan(0.95);
    expect(pulses).toEqual(pulsesOn(boards[index]?.mock ?? boards[0].mock));
    expect(boards[index]?.mock.isArmed).toBe(false);
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
  const { pulses, unsettled, summary } = await pulsesIn(join(runs, runId));
  expect([unsettled, summary.status]).toEqual([0, 'finished']);
  // The bring-up, which finds the sign, is on record beside what was asked for.
  expect(summary.updates).toBe(updates + 31);
  expect(pulses).toEqual(pulsesOn(mock));
});
