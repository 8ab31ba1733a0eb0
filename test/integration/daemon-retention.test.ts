import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import { listRunIds } from '../../src/store/run-folder.ts';
import { daemonConfig, enqueue, jobsIn, servedMock, startDaemon, until } from '../support/daemon.ts';
import { fnloop } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';
import { INFLUX_USER, Influxd } from '../support/influxd.ts';

const S_PER_DAY = 86_400;

test('old runs go once they are shipped; those that wait for the database, or for their job, stay', async () => {
  const influxd = await Influxd.start();
  onTestFinished(() => influxd.close());
  await influxd.query('', 'CREATE DATABASE kept');
  const { address } = await servedMock();
  const credentials = join(temporaryFolder(), 'influx.yaml');
  const { INFLUX_USERNAME: username, INFLUX_PASSWORD: password } = INFLUX_USER;
  writeFileSync(credentials, stringify({ username, password }), { mode: 0o600 });
  const influx = { url: influxd.address('kept'), credentials };
  const { file, runs, write } = daemonConfig({ b0: address }, { influx });
  const serveUntil = async (isSo: () => boolean, what: string) => {
    const { child, ended } = await startDaemon(file);
    await until(isSo, what);
    child.kill('SIGTERM');
    return (await ended).stderr;
  };

  enqueue(runs, 'b0', address, 3);
  await serveUntil(() => jobsIn(runs)[0]?.state === 'finished', 'the first one finishes');
  await influxd.kill();
  enqueue(runs, 'b0', address, 3);
  await serveUntil(() => jobsIn(runs)[1]?.state === 'finished', 'the second one finishes');
  enqueue(runs, 'b0', address, 100_000);
  await serveUntil(() => jobsIn(runs)[2]?.state === 'running', 'the third one runs');
  const [shipped, waiting, needed] = jobsIn(runs).map(({ runId }) => runId ?? '');
  expect(listRunIds(runs)).toEqual([shipped, waiting, needed]);

  write({ b0: address }, { influx, retention: { days: 1 / S_PER_DAY } });
  const log = await serveUntil(() => !listRunIds(runs).includes(shipped ?? ''), 'the first one goes');
  expect(log).toContain(`Run ${shipped} was deleted: it was older than`);
  expect(listRunIds(runs)).toEqual([waiting, needed]);

  await influxd.restart();
  const target = ['--influx', influx.url, '--influx-credentials', credentials];
  expect((await fnloop('influx', 'ship', waiting ?? '', ...target, '--runs', runs)).code).toBe(0);
  await serveUntil(() => !listRunIds(runs).includes(waiting ?? ''), 'the second one goes');
  expect(listRunIds(runs)).toEqual([needed]);
});
