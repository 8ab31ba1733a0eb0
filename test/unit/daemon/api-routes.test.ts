import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { tableFromIPC } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { readShipped } from '../../../src/config/experiment-file.ts';
import { routes } from '../../../src/daemon/routes/index.ts';
import { startApi } from '../../support/daemon-api.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { runsOf } from '../../support/recorded-runs.ts';

describe('boards', () => {
  test('are listed, shown, made safe, quarantined and released', async () => {
    const { lab, call } = await startApi();
    expect((await call(routes.listBoards)).answer).toHaveLength(2);
    expect((await call(routes.oneBoard, { board: 'left' })).answer).toMatchObject({ state: 'ready' });
    expect((await call(routes.boardCells, { board: 'left' })).answer).toHaveLength(1);
    expect((await call(routes.makeSafe, { board: 'left' })).answer).toEqual({ wasArmed: true });
    const body = { reason: 'smells' };
    expect((await call(routes.quarantine, { board: 'left' }, { body })).answer).toMatchObject({
      state: 'quarantined',
      reason: 'smells',
    });
    expect((await call(routes.release, { board: 'left' })).answer).toMatchObject({ state: 'ready' });
    expect(lab.asked).toEqual(['safe left', 'set left', 'set left']);
  });

  test('of another name are not found', async () => {
    const { lab, call } = await startApi();
    for (const route of [routes.oneBoard, routes.boardCells, routes.makeSafe, routes.release])
      expect((await call(route, { board: 'up' })).status).toBe(404);
    expect(lab.asked).toEqual([]);
  });
});

test('the experiments that come with fnloop are listed, with all their defaults', async () => {
  const { call } = await startApi();
  const { answer } = await call(routes.listExperiments);
  expect(answer).toContainEqual({ name: 'breast-cancer', experiment: readShipped('breast-cancer') });
});

describe('jobs', () => {
  test('have a course that can be asked for while they run', async () => {
    const { lab, call } = await startApi();
    const { id } = lab.put({ runId: 'r-1', state: 'running' });
    const params = { job: id };
    expect((await call(routes.jobCurve, params)).answer).toEqual([]);
    const point = {
      step: 1,
      trainAccuracy: 0.9,
      testAccuracy: 0.95,
      updatesSoFar: 31,
      energyPerUpdateFJ: 8,
      boundsPerUpdateZJ: { matched: 2_000 },
    };
    const step = { ...point, board: 'left', job: id, runId: 'r-1', updates: 31, timeNs: '1' };
    lab.news.next({ kind: 'step', ...step });
    expect((await call(routes.jobCurve, params)).answer).toEqual([point]);
    expect((await call(routes.jobCurve, { job: 'j-none' })).status).toBe(404);
  });

  test('are queued by the name of a shipped experiment with overrides, as JSON', async () => {
    const { lab, call } = await startApi();
    const body = {
      board: 'left',
      experiment: 'breast-cancer',
      overrides: { seed: 7, method: { steps: 3 }, timing: { leadMs: 5 } },
    };
    const { status, answer } = await call(routes.submitJob, {}, { body });
    expect(status).toBe(200);
    expect(answer).toMatchObject({
      board: 'left',
      askedBy: 'local',
      experiment: {
        board: 'mock:dam-a?cells=64&seed=4',
        seed: 7,
        method: { steps: 3, learningRate: 0.3 },
        timing: { leadMs: 5 },
      },
    });
    expect(lab.asked).toEqual(['submit left']);
  });

  test('are queued written out, as YAML; null removes a key', async () => {
    const { call } = await startApi();
    const yaml = `
board: right
experiment: breast-cancer-minibatch
overrides:
  method: {batchSize: null, steps: 5}
`;
    const headers = { 'content-type': 'application/yaml' };
    const { answer } = await call(routes.submitJob, {}, { body: yaml, headers });
    expect((answer as { experiment: { method: object } }).experiment.method).not.toHaveProperty('batchSize');
  });

  test('with problems are refused with all of them', async () => {
    const { lab, call } = await startApi();
    const body = {
      board: 'left',
      experiment: 'breast-cancer',
      overrides: { seed: -1, method: { stps: 3 }, calibration: '/etc/passwd' },
    };
    const { status, answer } = await call(routes.submitJob, {}, { body });
    expect(status).toBe(400);
    expect(answer).toMatchObject({
      error: {
        code: 'config-invalid',
        problems: [
          'seed expected at least 0, found -1',
          "method.stps is not a known key; did you mean 'steps'?",
        ],
      },
    });
    const path = { ...body, overrides: { calibration: '/etc/passwd' } };
    expect((await call(routes.submitJob, {}, { body: path })).answer).toMatchObject({
      error: { problems: ["calibration is none of this daemon's: it has none"] },
    });
    const file = { board: 'left', experiment: 'src/experiments/breast-cancer.yaml' };
    expect((await call(routes.submitJob, {}, { body: file })).status).toBe(400);
    expect(lab.asked).toEqual([]);
  });

  test('are listed, ordered, paused, resumed and stopped', async () => {
    const { lab, call } = await startApi();
    const [one, two] = [lab.put({}), lab.put({ board: 'right' })];
    expect((await call(routes.listJobs)).answer).toHaveLength(2);
    expect((await call(routes.listJobs, {}, { query: '?board=right&state=queued' })).answer).toHaveLength(1);
    expect((await call(routes.listJobs, {}, { query: '?state=gone' })).status).toBe(400);
    expect((await call(routes.oneJob, { job: one.id })).answer).toMatchObject({ id: one.id });
    await call(routes.orderJob, { job: two.id }, { body: { before: one.id } });
    expect(lab.jobs().map(({ id }) => id)).toEqual([two.id, one.id]);
    for (const [route, state] of [
      [routes.pauseJob, 'paused'],
      [routes.resumeJob, 'running'],
      [routes.stopJob, 'stopped'],
    ] as const)
      expect((await call(route, { job: one.id })).answer).toMatchObject({ state });
    expect((await call(routes.pauseJob, { job: 'none' })).status).toBe(404);
  });

  test('are planned without being started', async () => {
    const { lab, call } = await startApi();
    const body = { board: 'left', experiment: 'breast-cancer' };
    expect((await call(routes.planExperiment, {}, { body })).answer).toMatchObject({ policy: 'matched' });
    expect(lab.asked).toEqual([]);
  });
});

describe('runs', () => {
  test('are listed newest first, filtered and by pages', async () => {
    const { call } = await startApi({ runs: await runsOf('a-1', 'b-2', 'c-3') });
    const idsOf = async (query: string) =>
      ((await call(routes.listRuns, {}, { query })).answer as { runId: string }[]).map(({ runId }) => runId);
    expect(await idsOf('')).toEqual(['c-3', 'b-2', 'a-1']);
    expect(await idsOf('?limit=1&before=c-3')).toEqual(['b-2']);
    expect(await idsOf('?text=a-')).toEqual(['a-1']);
    expect(await idsOf('?status=finished&source=mock&limit=2')).toEqual(['c-3', 'b-2']);
    expect(await idsOf('?policy=other')).toEqual([]);
  });

  test('are summed up, without paths of the daemon', async () => {
    const { call, runs } = await startApi({ runs: await runsOf('a-1') });
    const { answer } = await call(routes.oneRun, { run: 'last' });
    expect(answer).toMatchObject({ runId: 'a-1', status: 'finished', updates: 250, hasReport: false });
    expect(JSON.stringify(answer)).not.toContain(runs);
  });

  test('give tables as JSON by pages, CSV, Parquet and Arrow', async () => {
    const { call, ask } = await startApi({ runs: await runsOf('a-1') });
    const params = { run: 'a-1', table: 'updates' };
    const page = (await call(routes.runTable, params, { query: '?offset=240&limit=20' })).answer as {
      total: number;
      rows: { update_id: number; time_ns: string }[];
    };
    expect(page.total).toBe(250);
    expect(page.rows.map(({ update_id }) => update_id)).toEqual([
      241, 242, 243, 244, 245, 246, 247, 248, 249, 250,
    ]);
    expect(page.rows[0]?.time_ns).toMatch(/^\d+$/);

    const path = '/api/v1/runs/a-1/tables/updates';
    const csv = await ask('GET', path, { headers: { accept: 'text/csv' } });
    expect(csv.headers.get('content-disposition')).toBe('attachment; filename="a-1-updates.csv"');
    expect((await csv.text()).trim().split('\n')).toHaveLength(251);

    const arrow = tableFromIPC(await (await ask('GET', `${path}?form=arrow`)).arrayBuffer());
    expect(arrow.numRows).toBe(250);
    expect(arrow.get(249)?.toJSON()).toMatchObject({ update_id: 250n, energy_full_cycle_fj: Math.sqrt(250) });
    const empty = tableFromIPC(
      await (await ask('GET', '/api/v1/runs/a-1/tables/events?form=arrow')).arrayBuffer(),
    );
    expect([empty.numRows, empty.schema.fields.map(({ name }) => name)]).toEqual([
      0,
      ['wall_ns', 'step', 'name', 'detail', 'time_ns'],
    ]);

    const file = join(temporaryFolder(), 'updates.parquet');
    writeFileSync(file, Buffer.from(await (await ask('GET', `${path}?form=parquet`)).arrayBuffer()));
    const connection = await (await DuckDBInstance.create()).connect();
    const read = await connection.runAndReadAll(`SELECT count(*)::INT, max(run_id) FROM '${file}'`);
    expect(read.getRows()).toEqual([[250, 'a-1']]);
  });

  test('that are being written are refused, and pointed to the events', async () => {
    const { lab, call } = await startApi({ runs: await runsOf('a-1') });
    lab.put({ runId: 'a-1', state: 'running' });
    const { status, answer } = await call(routes.oneRun, { run: 'a-1' });
    expect([status, (answer as { error: object }).error]).toEqual([
      409,
      {
        code: 'run-in-use',
        message: 'Run a-1 is being written: watch it by /api/v1/events until it has ended.',
        problems: [],
      },
    ]);
    expect((await call(routes.listRuns)).answer).toMatchObject([{ unreadable: { code: 'run-in-use' } }]);
  });

  test('give report and figures under a policy that lets nothing run', async () => {
    const { ask, runs } = await startApi({ runs: await runsOf('a-1') });
    const folder = join(runs, 'a-1');
    expect((await ask('GET', '/api/v1/runs/a-1/report')).status).toBe(404);
    mkdirSync(join(folder, 'figures'));
    writeFileSync(join(folder, 'report.html'), '<h1>r</h1>');
    writeFileSync(join(folder, 'figures', 'energy.svg'), '<svg/>');
    const report = await ask('GET', '/api/v1/runs/a-1/report');
    expect([await report.text(), report.headers.get('content-security-policy')]).toEqual([
      '<h1>r</h1>',
      expect.stringContaining('sandbox'),
    ]);
    const figure = await ask('GET', '/api/v1/runs/a-1/figures/energy');
    expect([await figure.text(), figure.headers.get('content-type')]).toEqual([
      '<svg/>',
      'image/svg+xml; charset=utf-8',
    ]);
    expect((await ask('GET', '/api/v1/runs/a-1/figures/..%2Freport')).status).toBe(404);
  });
});

describe('the rest', () => {
  test('bounds are computed, and refused where there are none', async () => {
    const { call } = await startApi();
    expect((await call(routes.bounds, {}, { query: '?model=gpt-3&bits=8' })).status).toBe(200);
    expect((await call(routes.bounds, {}, { query: '?parameters=1e12&operations=1e25' })).status).toBe(200);
    for (const query of [
      '?parameters=1e12',
      '?parameters=10&operations=1',
      '?model=gpt-3&parameters=1',
      '?bits=x',
    ])
      expect((await call(routes.bounds, {}, { query })).status).toBe(400);
  });

  test("a task's samples are those of a run with that seed", async () => {
    const { call } = await startApi();
    const { answer } = await call(routes.taskSamples, { task: 'breast-cancer' }, { query: '?seed=3' });
    const { train, test: held } = answer as { train: { labels: number[] }; test: { labels: number[] } };
    expect([train.labels.length, held.labels.length]).toEqual([398, 171]);
    expect((await call(routes.taskSamples, { task: '../etc' })).status).toBe(404);
  });

  test('calibrations are listed with what is wrong with them', async () => {
    const { call, runs } = await startApi();
    expect((await call(routes.listCalibrations)).answer).toEqual([]);
    mkdirSync(join(runs, 'calibrations'));
    writeFileSync(join(runs, 'calibrations', 'b1.json'), '{}');
    expect((await call(routes.listCalibrations)).answer).toMatchObject([
      { name: 'b1', unusable: expect.stringContaining('its checksum does not fit') },
    ]);
    expect((await call(routes.oneCalibration, { calibration: 'b1' })).status).toBe(409);
    expect((await call(routes.oneCalibration, { calibration: 'b2' })).status).toBe(404);
  });

  test('sessions are opened, read, changed and closed', async () => {
    const { lab, call } = await startApi();
    const body = { board: 'left', cells: 2, policy: { name: 'none' } };
    const { id } = (await call(routes.openSession, {}, { body })).answer as { id: string };
    const session = { session: id };
    expect((await call(routes.sessionWeights, session)).answer).toMatchObject({ boardTimeUs: 1 });
    const changes = [{ cell: 1, wantedV: 0.5 }];
    expect((await call(routes.applyChanges, session, { body: { changes } })).answer).toMatchObject([
      { cell: 1, appliedV: 0.5, energyFJ: 8 },
    ]);
    const twice = [...changes, ...changes];
    expect((await call(routes.applyChanges, session, { body: { changes: twice } })).answer).toMatchObject({
      error: { problems: ['changes name cell 1 more than once'] },
    });
    expect((await call(routes.closeSession, session)).answer).toEqual({ closed: true });
    expect((await call(routes.sessionWeights, session)).status).toBe(404);
    expect(lab.asked).toEqual(['session left local', 'apply 1', 'close']);
  });

  test('metrics and health are told', async () => {
    const { ask, call } = await startApi();
    expect(await (await ask('GET', '/metrics')).text()).toBe('fnloop_boards 2\n');
    expect(await (await ask('GET', '/healthz')).json()).toEqual({ isWell: true });
    expect((await call(routes.about)).answer).toMatchObject({ version: '0.0.0', isWell: true });
    expect((await ask('GET', '/api/v1/none')).status).toBe(404);
    expect((await ask('PUT', '/api/v1/boards')).status).toBe(404);
  });
});
