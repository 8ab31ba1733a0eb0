import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { tagText } from '../../src/influx/line-protocol.ts';
import { RunReader } from '../../src/store/run-reader.ts';
import { fnloop, fnloopJson } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';
import { INFLUX_USER, Influxd } from '../support/influxd.ts';
import { writeRun } from '../support/shipped-run.ts';

const grafana = join(import.meta.dirname, '..', '..', 'src', 'grafana');

interface Target {
  readonly query: string;
  readonly datasource: { readonly uid: string };
}
interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly Target[] }[];
  readonly annotations: { readonly list: readonly Target[] };
  readonly templating: { readonly list: readonly (Target & { readonly name: string })[] };
}

const dashboard = JSON.parse(readFileSync(join(grafana, 'fnloop.json'), 'utf8')) as Dashboard;
const queries = [
  ...dashboard.panels.flatMap(({ title, targets }) =>
    targets.map((target, index): [string, Target] => [`${title} ${index + 1}`, target]),
  ),
  ...dashboard.annotations.list.map((target): [string, Target] => ['annotations', target]),
  ...dashboard.templating.list.map((variable): [string, Target] => [`variable ${variable.name}`, variable]),
];

let influxd: Influxd;
let runs: string;
beforeAll(async () => {
  Object.assign(process.env, INFLUX_USER);
  influxd = await Influxd.start();
  runs = mkdtempSync(join(tmpdir(), 'fnloop-runs-'));
});
afterAll(async () => {
  await influxd.close();
  rmSync(runs, { recursive: true, force: true });
});

describe('the dashboard', () => {
  let substitute: (query: string) => string;
  beforeAll(async () => {
    const influx = ['--influx', influxd.address('fnloop')];
    await fnloopJson('influx', 'init', ...influx);
    const { code, stderr } = await fnloop(
      'train',
      'breast-cancer',
      '--steps',
      '30',
      '--runs',
      runs,
      ...influx,
    );
    expect(code, stderr).toBe(0);
    const { steps, runId } = await RunReader.with(join(runs, (await lastOf(runs)).runId), async (run) => ({
      steps: await run.rows('steps'),
      runId: run.manifest.runId,
    }));
    const [fromNs, toNs] = [steps[0]?.time_ns, steps.at(-1)?.time_ns];
    substitute = (query) =>
      query
        .replaceAll('$timeFilter', `time >= ${fromNs} - 1h and time <= ${toNs}`)
        .replaceAll('$__interval', '1s')
        .replaceAll(/\$\{run:regex\}/g, runId.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'))
        .replaceAll(/\$\{board:regex\}/g, '.*');
  });

  test.each(queries)('%s: the query finds something', async (_, { query }) => {
    const series = await influxd.query('fnloop', substitute(query));
    expect(series.length).toBeGreaterThan(0);
    for (const { values, columns } of series) {
      expect(values.length).toBeGreaterThan(0);
      // Every column has a value somewhere.
      for (const [index, column] of columns.entries())
        expect(
          values.some((row) => row[index] !== null),
          column,
        ).toBe(true);
    }
  });

  test('asks the data source that is provisioned, and repeats no title', () => {
    const { datasources } = parse(
      readFileSync(join(grafana, 'provisioning', 'datasources', 'fnloop.yaml'), 'utf8'),
    );
    for (const [, { datasource }] of queries) expect(datasource.uid).toBe(datasources[0].uid);
    const titles = dashboard.panels.map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
    expect(
      parse(readFileSync(join(grafana, 'provisioning', 'dashboards', 'fnloop.yaml'), 'utf8')).providers
        .length,
    ).toBe(1);
  });
});

const lastOf = (folder: string) => fnloopJson<{ runId: string }>('runs', 'show', 'last', '--runs', folder);

test('hostile names of boards, runs, tasks and policies are stored and read back equal', async () => {
  const hostile = {
    runId: 'run "1", of=\n2\r\\',
    boardId: '\\ board,Zürich 日本 🙂 "x"=%0A\t',
    task: 'task\'s; DROP MEASUREMENT "update" -- $& \\\\',
    policy: '',
  };
  const folder = await writeRun(temporaryFolder(), 250, hostile);
  const influx = ['--influx', influxd.address('hostile')];
  await fnloopJson('influx', 'init', ...influx);
  await fnloopJson('influx', 'ship', folder, ...influx);
  expect(await fnloopJson('influx', 'verify', folder, ...influx)).toMatchObject({
    differences: [],
    points: { update: 250, step: 3, link: 4, run: 1 },
  });
  const [series] = await influxd.query(
    'hostile',
    'SELECT count(cell) FROM "update" GROUP BY run, board, task, "policy"',
  );
  const tags = Object.entries(series?.tags ?? {}).map(([name, value]) => [name, tagText(value)]);
  const { runId: run, boardId: board, task, policy } = hostile;
  expect(Object.fromEntries(tags)).toEqual({ run, board, task, policy });
  const [names] = await influxd.query('hostile', 'SELECT names FROM run');
  expect(JSON.parse(String(names?.values[0]?.[1]))).toEqual({ run, board, task, policy });
  // The same by a file and the client of InfluxDB.
  await fnloopJson('influx', 'init', '--influx', influxd.address('imported'));
  const { stdout } = await fnloop('influx', 'export', folder, '--database', 'imported');
  const file = join(folder, 'lines.txt');
  writeFileSync(file, stdout);
  await influxd.import(file);
  expect(await fnloopJson('influx', 'verify', folder, '--influx', influxd.address('imported'))).toMatchObject(
    { differences: [], points: { update: 250, step: 3, link: 4, run: 1 } },
  );
});
