import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ShippedRun } from '../../src/cli/ship-run.ts';
import type { SoakResult } from '../../src/cli/soak-result.ts';
import { asDatabase1, Server } from '../../src/influx/server.ts';
import type { ShippingState } from '../../src/influx/shipping-state.ts';
import { parseTarget } from '../../src/influx/target.ts';
import { type Verification, verifyRun } from '../../src/influx/verify.ts';
import { RunReader } from '../../src/store/run-reader.ts';
import type { RunSummary } from '../../src/store/summary.ts';
import type { Row } from '../../src/store/tables.ts';
import { fnloop, fnloopJson, startFnloop } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';
import { INFLUX_USER, Influxd } from '../support/influxd.ts';

let influxd: Influxd;
beforeAll(async () => {
  Object.assign(process.env, INFLUX_USER);
  influxd = await Influxd.start();
});
afterAll(() => influxd.close());

type Shipping<T> = T & { readonly influx: ShippingState };

const verified = (run: string, database: string, runs: string): Promise<Verification> =>
  fnloopJson<Verification>('influx', 'verify', run, '--influx', influxd.address(database), '--runs', runs);
const shipped = async (database: string, runs: string, ...options: string[]): Promise<ShippedRun> => {
  const [run] = await fnloopJson<ShippedRun[]>(
    ...['influx', 'ship', 'last', '--influx', influxd.address(database), '--runs', runs, ...options],
  );
  if (run === undefined) throw new Error('nothing was shipped');
  return run;
};
const init = (database: string) => fnloopJson('influx', 'init', '--influx', influxd.address(database));

test('200,000 updates while the server is away, killed three times and paused for 20 s: run file and database are equal', async () => {
  const runs = temporaryFolder();
  await init('storm');
  await influxd.kill();
  const soak = fnloopJson<Shipping<SoakResult>>(
    ...['soak', '--board', 'mock:dam-a', '--updates', '200000', '--runs', runs],
    ...['--influx', influxd.address('storm')],
  );
  let isOver = false;
  const over = soak.finally(() => {
    isOver = true;
  });
  await sleep(1500);
  for (let kill = 1; kill <= 3; kill += 1) {
    await influxd.restart();
    await sleep(500);
    await influxd.kill();
    await sleep(100);
  }
  await influxd.restart();
  const pause = influxd.pauseFor(20_000);
  const result = await over;
  expect(isOver).toBe(true);
  // The run did not wait for the server, which is still silent.
  expect(result).toMatchObject({ updates: 200_000, lost: 0, repeated: 0, influx: { setAside: 0 } });
  expect(result.influx.waiting).toBeGreaterThan(0);
  const later = shipped('storm', runs);
  await pause;
  expect(await later).toMatchObject({ waiting: 0, setAside: 0 });
  const { differences, points } = await verified('last', 'storm', runs);
  expect(differences).toEqual([]);
  expect(points).toMatchObject({ update: 200_000, step: 25, link: 26, run: 1 });
}, 120_000);

test('kill -9 of fnloop at ten random moments while it ships: equal', async () => {
  const runs = temporaryFolder();
  await init('kills');
  const influx = ['--influx', influxd.address('kills')];
  const result = await fnloopJson<Shipping<SoakResult>>(
    ...['soak', '--board', 'mock:dam-a', '--updates', '60000', '--step-updates', '1024', '--kills', '5'],
    ...['--runs', runs, ...influx],
  );
  expect(result).toMatchObject({ updates: 60_000, lost: 0, repeated: 0, kills: 5 });
  for (let kill = 1; kill <= 5; kill += 1) {
    const { child, ended } = startFnloop(
      ...['influx', 'ship', 'last', ...(kill === 1 ? ['--again'] : []), ...influx, '--runs', runs],
    );
    await sleep(400 + Math.random() * 400);
    child.kill('SIGKILL');
    await ended;
  }
  expect(await shipped('kills', runs)).toMatchObject({ waiting: 0, setAside: 0 });
  expect((await verified('last', 'kills', runs)).differences).toEqual([]);
}, 120_000);

test('a point that the database refuses is set aside with its reason; all others arrive, and status and table say so', async () => {
  const runs = temporaryFolder();
  await init('refusing');
  const now = `${Date.now()}000000`;
  await influxd.write('refusing', `event detail=1.5 ${now}`);
  const influx = ['--influx', influxd.address('refusing')];
  const { code, stdout, stderr } = await fnloop(
    ...['train', 'breast-cancer', '--steps', '40', '--runs', runs, ...influx],
  );
  expect(code).toBe(6);
  expect(stderr).toContain('refused 1 point of run');
  expect(stderr).toContain('field type conflict');
  expect(stdout).toContain('set aside');
  const [row] = await RunReader.with(join(runs, idOf(stderr)), (run) => run.rows('set_aside'));
  expect(row).toMatchObject({
    measurement: 'event',
    reason: expect.stringMatching(/^400: partial write: field type/),
  });
  expect(row?.line).toContain('name=bring-up');
  const { differences, setAside, points } = await verified('last', 'refusing', runs);
  expect({ differences, setAside }).toEqual({ differences: [], setAside: 1 });
  expect(points).toMatchObject({ event: 0, step: 41 });
  // Once the cause is gone, it arrives.
  await influxd.query('refusing', 'DROP MEASUREMENT event');
  expect(await shipped('refusing', runs, '--again')).toMatchObject({ waiting: 0, setAside: 0 });
  expect((await verified('last', 'refusing', runs)).points).toMatchObject({ event: 1 });
}, 60_000);

const idOf = (stderr: string): string => /^Run (\S+) on/m.exec(stderr)?.[1] ?? '';

test('a missing database and a wrong password are waited out, and what waits is said', async () => {
  const runs = temporaryFolder();
  const influx = ['--influx', influxd.address('late')];
  const summary = await fnloopJson<Shipping<RunSummary>>(
    ...['train', 'breast-cancer', '--steps', '5', '--runs', runs, ...influx],
  );
  expect(summary.influx.waiting).toBeGreaterThan(summary.updates);
  const { shipping } = await fnloopJson<{ shipping: ShippingState[] }>(
    'runs',
    'show',
    'last',
    '--runs',
    runs,
  );
  expect(shipping).toEqual([summary.influx]);
  const refused = await fnloop(
    ...['influx', 'ship', 'last', ...influx, '--runs', runs, '--patience', '300ms'],
  );
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain('404: database not found');
  const file = join(runs, 'credentials.yaml');
  writeFileSync(file, 'username: fnloop\npassword: wrong\n', { mode: 0o600 });
  const wrong = await fnloop(
    ...[
      'influx',
      'ship',
      'last',
      ...influx,
      '--influx-credentials',
      file,
      '--runs',
      runs,
      '--patience',
      '300ms',
    ],
  );
  expect(wrong.code).toBe(3);
  expect(wrong.stderr).toContain('401: authorization failed');
  expect(wrong.stderr + wrong.stdout).not.toContain('wrong');
  // The database comes while fnloop asks for it.
  const waiting = shipped('late', runs);
  await sleep(800);
  await init('late');
  expect(await waiting).toMatchObject({ waiting: 0, setAside: 0 });
  expect((await verified('last', 'late', runs)).differences).toEqual([]);
}, 60_000);

test('verify finds what was changed, lost or added in the database', async () => {
  const runs = temporaryFolder();
  await init('changed');
  await fnloopJson(
    'train',
    'breast-cancer',
    '--steps',
    '5',
    '--runs',
    runs,
    '--influx',
    influxd.address('changed'),
  );
  const [point] = await influxd.query('changed', 'SELECT * FROM "step" GROUP BY * LIMIT 1');
  const [timeNs] = point?.values[0] ?? [];
  const tags = Object.entries(point?.tags ?? {}).map(([name, value]) => `,${name}=${value}`);
  await influxd.write(
    'changed',
    `step${tags.join('')} train_loss=7 ${timeNs}\nstep${tags.join('')} step=9i 1700000000000000000`,
  );
  const { code, stdout } = await fnloop(
    ...['influx', 'verify', 'last', '--influx', influxd.address('changed'), '--runs', runs, '--json'],
  );
  expect(code).toBe(6);
  const { differences } = JSON.parse(stdout) as Verification;
  expect(differences).toContainEqual(
    expect.objectContaining({ field: 'train_loss', property: 'max', inDatabase: 7 }),
  );
  expect(differences).toContainEqual({
    measurement: 'step',
    field: 'step',
    property: 'count',
    inFile: 6,
    inDatabase: 7,
  });
});

test('a comparison is the same over many windows of time, however uneven, and finds a point that one of them lacks', async () => {
  const runs = temporaryFolder();
  await init('windows');
  const influx = ['--influx', influxd.address('windows'), '--runs', runs];
  await fnloopJson('train', 'breast-cancer', '--steps', '30', ...influx);
  const server = new Server(asDatabase1(parseTarget(influxd.address('windows'))), {
    username: INFLUX_USER.INFLUX_USERNAME,
    password: INFLUX_USER.INFLUX_PASSWORD,
  });
  const { runId, file } = await last(runs);
  const sizes = { pointsOfWindow: 20, pointsOfSegment: 100 };
  const compared = () =>
    RunReader.with(dirname(file), async (run) => (await verifyRun(run, server, sizes)).differences);
  expect(await compared()).toEqual([]);
  const [{ timeNs } = { timeNs: 0n }] = await RunReader.with(dirname(file), (run) =>
    run.query<{ timeNs: bigint }>(`SELECT time_ns AS "timeNs" FROM updates WHERE rowid = 150`),
  );
  await influxd.query('windows', `DELETE FROM "update" WHERE run = '${runId}' AND time = ${timeNs}`);
  const lacking = await compared();
  expect(
    lacking.filter(({ field }) => field === 'energy_full_cycle_fj').map(({ property }) => property),
  ).toEqual(expect.arrayContaining(['count', 'sum']));
});

test('runs show tells how many rows wait for each database', async () => {
  const runs = temporaryFolder();
  await init('shown');
  const influx = ['--influx', influxd.address('shown')];
  await fnloopJson('train', 'breast-cancer', '--steps', '5', '--runs', runs, ...influx);
  const show = () =>
    fnloopJson<RunSummary & { shipping: ShippingState[] }>('runs', 'show', 'last', '--runs', runs);
  const target = `http://127.0.0.1:${influxd.port}/?db=shown`;
  expect((await show()).shipping).toEqual([{ target, waiting: 0, setAside: 0, reason: null }]);
  const { stdout } = await fnloop('runs', 'show', 'last', '--runs', runs);
  expect(stdout).toContain(`all rows at ${target}`);
  await fnloopJson('train', 'breast-cancer', '--steps', '5', '--runs', runs);
  expect((await show()).shipping).toEqual([]);
});

test('what is exported is imported by influx -import, and is the same', async () => {
  const runs = temporaryFolder();
  const summary = await fnloopJson<RunSummary>('train', 'breast-cancer', '--steps', '20', '--runs', runs);
  await init('imported');
  const { stdout } = await fnloop('influx', 'export', 'last', '--database', 'imported', '--runs', runs);
  const file = join(runs, 'lines.txt');
  writeFileSync(file, stdout);
  await influxd.import(file);
  const { differences, points } = await verified('last', 'imported', runs);
  expect(differences).toEqual([]);
  expect(points['update']).toBe(summary.updates);
});

test('init may be done again; aggregates of a second are there for a run on virtual time too', async () => {
  const runs = temporaryFolder();
  await init('aggregated');
  await init('aggregated');
  // No policy of another name was ever there for points to go astray in.
  const [policies] = await influxd.query('', 'SHOW RETENTION POLICIES ON aggregated');
  expect(policies?.values.map(([name]) => name)).toEqual(['raw', 'downsampled']);
  await influxd.query('', 'CREATE DATABASE older');
  expect(await init('older')).toMatchObject({ retentionPolicies: { autogen: 'INF', downsampled: 'INF' } });
  const summary = await fnloopJson<RunSummary>('train', 'breast-cancer', '--steps', '30', '--runs', runs);
  await shipped('aggregated', runs);
  const count = (statement: string) => influxd.count('aggregated', statement);
  expect(await count('SELECT sum(updates) FROM downsampled.update_1s')).toBe(summary.updates);
  expect(await count('SELECT sum(energy_full_cycle_fj) FROM downsampled.update_1s')).toBeCloseTo(
    summary.energyFJ['full-cycle'].total,
    6,
  );
  expect(await count('SELECT sum(updates) FROM downsampled.step_1s')).toBe(summary.updates);
});

test('credentials are in no run file and no output, and a file that others may read is refused', async () => {
  const runs = temporaryFolder();
  await init('secret');
  const file = join(runs, 'credentials.yaml');
  writeFileSync(
    file,
    `username: ${INFLUX_USER.INFLUX_USERNAME}\npassword: '${INFLUX_USER.INFLUX_PASSWORD}'\n`,
    {
      mode: 0o644,
    },
  );
  const parameters = [
    'train',
    'breast-cancer',
    '--steps',
    '5',
    '--runs',
    runs,
    '--influx',
    influxd.address('secret'),
    '--influx-credentials',
    file,
  ];
  const open = await fnloop(...parameters);
  expect(open.code).toBe(2);
  expect(open.stderr).toContain(`may be used by others (mode 644). Keep it to yourself: chmod 600 ${file}`);
  writeFileSync(join(runs, 'own.yaml'), readFileSync(file), { mode: 0o600 });
  parameters.splice(-1, 1, join(runs, 'own.yaml'));
  const { code, stdout, stderr } = await fnloop(...parameters);
  expect(code).toBe(0);
  const content = readFileSync(join(runs, idOf(stderr), 'run.duckdb'), 'latin1');
  for (const text of [content, stdout, stderr]) expect(text).not.toContain(INFLUX_USER.INFLUX_PASSWORD);
  const inAddress = await fnloop(
    'train',
    'breast-cancer',
    '--influx',
    'http://me:hush@127.0.0.1:1?db=x',
    '--runs',
    runs,
  );
  expect(inAddress.code).toBe(2);
  expect(inAddress.stderr).toContain('The address of the database holds credentials');
  expect(inAddress.stderr).not.toContain('hush');
});

test('rows in the database carry times of the board, marked as virtual, strictly rising', async () => {
  const runs = temporaryFolder();
  await init('times');
  await fnloopJson(
    'train',
    'breast-cancer',
    '--steps',
    '10',
    '--runs',
    runs,
    '--influx',
    influxd.address('times'),
  );
  const [series] = await influxd.query(
    'times',
    'SELECT cell, update_id FROM "update" WHERE clock = \'virtual\' ORDER BY time',
  );
  const rows: Row<'updates'>[] = await RunReader.with(join(runs, (await last(runs)).runId), (run) =>
    run.rows('updates'),
  );
  const inFile = new Map(rows.map((row) => [row.update_id, String(row.time_ns)]));
  const times = (series?.values ?? []).map(([timeNs]) => BigInt(timeNs ?? 0));
  expect(times.every((timeNs, index) => index === 0 || timeNs > (times[index - 1] ?? 0n))).toBe(true);
  expect(series?.values.every(([timeNs, , update]) => inFile.get(Number(update)) === timeNs)).toBe(true);
  expect(times.length).toBe(rows.length);
});

const last = (runs: string) => fnloopJson<RunSummary>('runs', 'show', 'last', '--runs', runs);
