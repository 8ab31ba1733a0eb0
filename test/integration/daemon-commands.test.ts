import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { Job } from '../../src/daemon/lab.ts';
import { roleTokens, secretOf, startApi } from '../support/daemon-api.ts';
import { fnloop, fnloopJson, inEnvironment, startFnloop } from '../support/fnloop.ts';

test('status tells boards and jobs, and what it needs where it may not', async () => {
  const { lab, url } = await startApi({ tokens: roleTokens });
  lab.put({ runId: 'r-1', state: 'running' });
  const refused = await fnloop('status', '--daemon', url);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('error (token-needed)')]);
  inEnvironment({ FNLOOP_TOKEN: secretOf('read') });
  const { code, stdout } = await fnloop('status', '--daemon', url);
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(/is well[\s\S]*left[\s\S]*ready[\s\S]*p1[\s\S]*running[\s\S]*r-1/),
  ]);
});

test('no daemon is an error that says what to do', async () => {
  const { code, stderr } = await fnloop('status', '--daemon', 'http://127.0.0.1:9');
  expect([code, stderr]).toEqual([3, expect.stringContaining("Start one with 'fnloop daemon'")]);
});

test('queue submits, lists, orders, pauses, resumes and stops', async () => {
  const { lab, url } = await startApi();
  inEnvironment({ FNLOOP_DAEMON: url });
  const job = await fnloopJson<Job>('queue', 'breast-cancer', '--on', 'left', '--seed', '5', '--steps', '7');
  expect(job).toMatchObject({ board: 'left', experiment: { seed: 5, method: { steps: 7 } } });
  const other = await fnloopJson<Job>('queue', 'breast-cancer-fast', '--on', 'left');
  await fnloopJson('queue', 'order', other.id, '--before', job.id);
  expect((await fnloopJson<Job[]>('queue', 'list')).map(({ id }) => id)).toEqual([other.id, job.id]);
  for (const [verb, state] of [
    ['pause', 'paused'],
    ['resume', 'running'],
    ['stop', 'stopped'],
  ] as const)
    expect(await fnloopJson<Job>('queue', verb, job.id)).toMatchObject({ state });
  expect((await fnloop('queue', 'breast-cancer')).code).toBe(2);
  expect((await fnloop('queue', 'breast-cancer', '--on', 'up')).stderr).toContain('error (not-found)');
  expect(lab.asked).toHaveLength(6);
});

test('watch follows a run to its end, a line a step where there is no terminal', async () => {
  const { lab, url, readers } = await startApi();
  inEnvironment({ FNLOOP_DAEMON: url });
  const { id } = lab.put({ runId: 'r-1', state: 'running' });
  const watching = startFnloop('watch', 'r-1', '--json');
  // It says what it found once it listens.
  await once(watching.child.stderr ?? process.stdin, 'data');
  expect(readers()).toBe(1);
  lab.news.next({
    kind: 'step',
    board: 'left',
    job: id,
    runId: 'r-1',
    step: 3,
    trainAccuracy: 0.9,
    testAccuracy: 0.95,
    updates: 12,
    updatesSoFar: 36,
    energyPerUpdateFJ: 8,
    boundsPerUpdateZJ: { matched: 2_000 },
    timeNs: '1',
  });
  lab.change(id, { state: 'finished' });
  const { code, stdout, stderr } = await watching.ended;
  expect([code, JSON.parse(stdout).state]).toEqual([0, 'finished']);
  expect(stderr.trim().split('\n')).toEqual([
    'Job p1 on left is running, run r-1',
    'step 3/200  test 95.0 %  8.00 fJ/update  bound 2.00 aJ  12 updates',
    'Job p1 on left is finished, run r-1',
  ]);
  expect((await fnloop('watch', 'none')).stderr).toContain('has no job or run none');
});

test('watch ends by a signal, and the run goes on', async () => {
  const { lab, url, readers } = await startApi();
  inEnvironment({ FNLOOP_DAEMON: url });
  const { id } = lab.put({ state: 'running' });
  const watching = startFnloop('watch', id);
  await expect.poll(readers, { timeout: 20_000 }).toBe(1);
  watching.child.kill('SIGINT');
  const { code, stderr } = await watching.ended;
  expect([code, stderr]).toEqual([130, expect.stringContaining('it goes on')]);
  expect(lab.asked).toEqual([]);
});
