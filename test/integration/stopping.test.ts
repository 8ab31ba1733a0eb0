import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createMockBoard, type MockBoard, serveTcp, type WireEnd } from '../../mocks/index.ts';
import { RunReader } from '../../src/store/run-reader.ts';
import type { RunSummary } from '../../src/store/summary.ts';
import { fnloop, startFnloop } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';

/** A mock whose truth the test sees, served to a training process that runs until it is stopped. */
async function longTraining() {
  const mock = createMockBoard({ preset: 'dam-a', cells: 64 });
  let batches = 0;
  let onBatch: () => void = () => {};
  const counted: WireEnd = {
    onSend: () => {},
    receive: (bytes) => {
      mock.receive(bytes);
      if (bytes.includes(' RUN ')) batches += 1;
      if (batches === 20) onBatch();
    },
  };
  mock.onSend = (bytes) => counted.onSend(bytes);
  const served = await serveTcp(counted, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => served.close());
  const runs = temporaryFolder();
  const training = startFnloop(
    ...[
      'train',
      'breast-cancer',
      '--steps',
      '100000',
      '--board',
      `tcp:127.0.0.1:${served.port}`,
      '--runs',
      runs,
      '--json',
    ],
  );
  await new Promise<void>((resolve) => {
    onBatch = resolve;
  });
  return { mock, runs, ...training };
}

const onlyRun = (runs: string) => join(runs, readdirSync(runs)[0] ?? 'none');

/** Pulses that the run file says were applied, less those that the board says it applied: by node. */
async function differences(folder: string, mock: MockBoard): Promise<unknown[]> {
  return RunReader.with(folder, async (run) => {
    const counts = await run.query<{ cell: number; kind: 'SET' | 'RESET'; pulses: number }>(
      'SELECT cell, kind, count(*) AS pulses FROM pulses GROUP BY cell, kind',
    );
    return counts.filter(({ cell, kind, pulses }) => mock.pulsesApplied(cell, kind) !== pulses);
  });
}

test('SIGINT ends the step in flight; file, report and board are in order', async () => {
  const { mock, runs, child, ended } = await longTraining();
  expect(mock.isArmed).toBe(true);
  child.kill('SIGINT');
  const { code, stdout } = await ended;
  expect(code).toBe(130);
  const summary = JSON.parse(stdout) as RunSummary;
  expect(summary.status).toBe('interrupted');
  expect(summary.updates).toBeGreaterThan(100);
  expect(existsSync(summary.report)).toBe(true);
  expect(mock.isArmed).toBe(false);
  expect(await differences(onlyRun(runs), mock)).toEqual([]);
  await RunReader.with(onlyRun(runs), async (run) => {
    expect((await run.rows('intents')).length).toBe((await run.rows('outcomes')).length);
  });
});

test('SIGTERM does the same', async () => {
  const { mock, child, ended } = await longTraining();
  child.kill('SIGTERM');
  expect((await ended).code).toBe(143);
  expect(mock.isArmed).toBe(false);
});

test('kill -9 loses no committed row, and what was cut off is one open intent at most', async () => {
  const { mock, runs, child, ended } = await longTraining();
  child.kill('SIGKILL');
  await ended;
  const folder = onlyRun(runs);
  await RunReader.with(folder, async (run) => {
    expect(run.manifest.status).toBe('running');
    const open = (await run.rows('intents')).length - (await run.rows('outcomes')).length;
    expect([0, 1]).toContain(open);
    if (open === 0) expect(await differences(folder, mock)).toEqual([]);
  });
  const { code, stdout } = await fnloop('runs', 'show', folder);
  expect(code).toBe(0);
  expect(stdout).toContain('(running)');
});

test('an unplug in mid-run fails the run, which stays readable and says why', async () => {
  const mock = createMockBoard({ preset: 'dam-a', cells: 64 });
  const served = await serveTcp(mock, { host: '127.0.0.1', port: 0 });
  const runs = temporaryFolder();
  const training = startFnloop(
    'train',
    'breast-cancer',
    '--steps',
    '100000',
    '--board',
    `tcp:127.0.0.1:${served.port}`,
    '--runs',
    runs,
  );
  if (training.child.stderr === null) throw new Error('no stderr');
  await once(training.child.stderr, 'data');
  while (mock.pulsesApplied(0, 'SET') + mock.pulsesApplied(0, 'RESET') < 5)
    await new Promise((resolve) => setTimeout(resolve, 5));
  await served.close();
  const { code, stderr } = await training.ended;
  expect([3, 4]).toContain(code);
  expect(stderr).toMatch(/error \((link-lost|outcome-unknown)\): The link to tcp:127.0.0.1:\d+ was lost/);
  await RunReader.with(onlyRun(runs), async (run) => {
    expect(run.manifest.status).toBe('failed');
    expect(run.manifest.failure).toContain('was lost');
  });
});
