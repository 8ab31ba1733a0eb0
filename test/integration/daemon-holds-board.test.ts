import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hashOfToken } from '../../src/daemon/api/tokens.ts';
import { DaemonClient } from '../../src/daemon/client/client.ts';
import type { BoardState } from '../../src/daemon/lab.ts';
import { routes } from '../../src/daemon/routes/index.ts';
import type { RunSummary } from '../../src/store/summary.ts';
import type { Ended } from '../support/command-line.ts';
import { daemonConfig, jobsIn, servedMock, startDaemon, until } from '../support/daemon.ts';
import { startApi } from '../support/daemon-api.ts';
import { fnloop, fnloopJson, inEnvironment, startFnloop, startMock } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';

/** Each test starts many processes. */
const LONG = { timeout: 120_000 };

const jsonOf = ({ stdout }: Ended) => JSON.parse(stdout) as Record<string, unknown>;

/** A daemon with one board, that commands find by its folder of runs. */
async function daemonWith(address: string, more: object = {}) {
  const { file, runs } = daemonConfig({ b0: address }, more);
  const daemon = await startDaemon(file);
  const { url, where } = { url: daemon.ready.address, where: ['--board', address, '--runs', runs] };
  const token = process.env['FNLOOP_TOKEN'];
  const client = new DaemonClient({ url, token }, new AbortController().signal);
  const board = async () => (await client.ask(routes.listBoards))[0];
  const untilState = async (state: BoardState) => {
    while ((await board())?.state !== state) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  await untilState('ready');
  return { ...daemon, file, runs, url, where, board, untilState };
}

const ptyMock = async (...parameters: string[]) =>
  (await startMock('--pty', join(temporaryFolder(), 'board'), ...parameters)).ready.address;

test(
  'a run goes on while its board is asked; SAFE pauses it, resume lets it go on, SIGINT stops it',
  LONG,
  async () => {
    const { mock, address, batches } = await servedMock();
    const { runs, url, where } = await daemonWith(address);
    const training = startFnloop('train', 'breast-cancer', ...where, '--steps', '100000', '--json');
    await until(() => batches() > 5, 'it trains');
    expect(await fnloopJson('info', ...where)).toMatchObject({
      ...{ address, boardId: 'dam-a:1', armed: 'yes', badLines: 0, link: { reconnects: 0 } },
      ...{ daemon: url, board: 'b0', state: 'running', job: 'j1' },
    });
    const asked = batches();
    await until(() => batches() > asked + 5, 'it goes on');
    const refused = await fnloop('calibrate', ...where, '--dry-run');
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('Job j1 is running on board b0'),
    ]);
    expect(await fnloopJson('safe', ...where)).toMatchObject({
      ...{ address, boardId: 'dam-a:1', wasArmed: 'yes', isAtRest: true },
      holders: [{ command: 'fnloop daemon', run: jobsIn(runs)[0]?.runId }],
    });
    expect(mock.isArmed).toBe(false);
    const held = batches();
    expect((await fnloop('safe', ...where)).stdout).toContain(
      `fnloop runs resume ${jobsIn(runs)[0]?.runId} --runs ${runs}`,
    );
    expect([batches(), jobsIn(runs)[0]?.state]).toEqual([held, 'paused']);

    // Its file is held by the daemon's process, so the daemon has to be asked which board it is of.
    const resuming = startFnloop('runs', 'resume', 'last', '--runs', runs, '--json');
    await until(() => batches() > held + 5, 'it goes on');
    resuming.child.kill('SIGINT');
    for (const ended of [await resuming.ended, await training.ended]) {
      const runId = jobsIn(runs)[0]?.runId;
      expect([ended.code, jsonOf(ended)]).toMatchObject([130, { runId, status: 'interrupted' }]);
      expect(ended.stderr).toContain(`Go on with it: fnloop runs resume ${runId}`);
    }
    expect([mock.isArmed, jobsIn(runs)[0]?.state]).toEqual([false, 'stopped']);
  },
);

test(
  'a training by the daemon ends as one of the command itself, read from its file or from the daemon',
  LONG,
  async () => {
    const mock = ['--seed', '3', '--noise', 'off'];
    const [local, held] = [await ptyMock(...mock), await ptyMock(...mock)];
    const training = ['train', 'breast-cancer', '--steps', '20', '--seed', '5'];
    const database = 'http://127.0.0.1:9?db=fnloop';
    const { where, url, runs } = await daemonWith(held, { influx: { url: database } });
    const own = await fnloopJson<RunSummary>(...training, '--board', local, '--runs', temporaryFolder());
    const planning = ['plan', 'breast-cancer', '--seed', '5'];
    const plan = await fnloopJson<{ boardId: string }>(...planning, ...where);
    expect(plan).toMatchObject({ boardId: 'dam-a:3', address: held, wire: { bytesPerS: 11_520 } });

    const { code, stdout, stderr } = await fnloop(...training, ...where, '--json');
    expect([code, stderr]).toEqual([0, expect.stringContaining('step 20/20  test')]);
    const byDaemon = JSON.parse(stdout) as RunSummary;
    expect(Object.keys(byDaemon)).toEqual(Object.keys(own));
    // The daemon has read the temperature now and then, and cells drift meanwhile.
    expect(Math.abs((byDaemon.accuracy.test ?? 0) - (own.accuracy.test ?? 1))).toBeLessThan(0.01);
    expect(Math.abs(byDaemon.updates / own.updates - 1)).toBeLessThan(0.02);
    expect(readFileSync(byDaemon.report, 'utf8')).toContain(byDaemon.runId);
    expect(byDaemon.file).toContain(runs);

    inEnvironment({ FNLOOP_DAEMON: url, FNLOOP_INFLUX: 'http://127.0.0.1:9?db=x' });
    const elsewhere = ['--board', held, '--runs', temporaryFolder()];
    const far = await fnloop('train', 'breast-cancer', '--steps', '1', ...elsewhere, '--json');
    expect([far.code, jsonOf(far)]).toMatchObject([0, { status: 'finished', hasReport: true }]);
    expect(far.stderr).toContain('FNLOOP_INFLUX is not used');
    expect(jsonOf(far)['url']).toBe(`${url}/api/v1/runs/${jsonOf(far)['runId']}`);
    const shipped = await fnloop(
      'train',
      'breast-cancer',
      ...where,
      '--steps',
      '1',
      '--influx',
      database,
      '--json',
    );
    expect([shipped.code, jsonOf(shipped)]).toMatchObject([
      0,
      { influx: { target: expect.stringContaining('db=fnloop') } },
    ]);
    const unfit = ['--wire-log', 'x', '--patience', '1s', '--influx', 'http://127.0.0.1:9?db=y'];
    const refused = await fnloop(...training, ...where, ...unfit);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('--wire-log and --patience and --influx cannot be had there'),
    ]);
    const unknown = await fnloop(...training, ...where, '--calibration', '/nope.json');
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('/nope.json')]);
  },
);

test(
  'what the daemon has no job for borrows the board and gives it back, by a signal too',
  LONG,
  async () => {
    const address = await ptyMock('--seed', '3');
    const { where, runs, untilState, board } = await daemonWith(address);
    const soak = await fnloop(
      'soak',
      ...where,
      '--updates',
      '600',
      '--step-updates',
      '200',
      '--kills',
      '1',
      '--json',
    );
    expect([soak.code, jsonOf(soak)]).toMatchObject([
      0,
      { status: 'finished', lost: 0, repeated: 0, kills: 1 },
    ]);
    expect(soak.stderr).toContain('Board b0 is borrowed from the daemon');
    await untilState('ready');

    const soaking = startFnloop('soak', ...where, '--updates', '1000000000', '--json');
    await untilState('lent');
    expect((await board())?.reason).toBe(`Lent to local: fnloop soak, process ${soaking.child.pid}.`);
    const lent = await fnloop('info', ...where);
    expect([lent.code, lent.stderr]).toEqual([2, expect.stringContaining('Board b0 is lent. Lent to local')]);
    // Jobs wait for it.
    const waiting = startFnloop('train', 'breast-cancer', ...where, '--steps', '1', '--json');
    await until(() => jobsIn(runs)[0]?.state === 'queued', 'it waits');
    soaking.child.kill('SIGINT');
    expect((await soaking.ended).code).toBe(130);
    expect((await waiting.ended).code).toBe(0);

    const calibrating = await fnloop('calibrate', ...where, '--max-time', '30s', '--json');
    expect(calibrating.code).toBe(0);
    await untilState('ready');
    const calibration = join(runs, 'calibrations', readdirSync(join(runs, 'calibrations'))[0] ?? '');
    const trained = await fnloop(
      'train',
      'breast-cancer',
      ...where,
      '--steps',
      '1',
      '--calibration',
      calibration,
      '--json',
    );
    expect([trained.code, jsonOf(trained)]).toMatchObject([0, { calibration: { file: calibration } }]);
  },
);

test(
  'a run that was begun before the daemon goes on by a loan; a job of it is judged by its file',
  LONG,
  async () => {
    const { address, batches } = await servedMock();
    const runs = temporaryFolder();
    const here = ['--board', address, '--runs', runs];
    const training = startFnloop('train', 'breast-cancer', ...here, '--steps', '100000');
    await until(() => batches() > 5, 'it trains');
    training.child.kill('SIGINT');
    expect((await training.ended).code).toBe(130);
    const [runId = ''] = readdirSync(runs).filter((name) => name.includes('breast-cancer'));
    const { untilState, child } = await daemonWith(address, { runs });
    const before = batches();
    const resuming = startFnloop('runs', 'resume', runId, '--runs', runs, '--json');
    await until(() => batches() > before + 5, 'it goes on');
    resuming.child.kill('SIGINT');
    const resumed = await resuming.ended;
    expect([resumed.code, jsonOf(resumed)]).toMatchObject([130, { runId, interruptions: { count: 1 } }]);
    expect(resumed.stderr).toContain('Board b0 is borrowed');
    await untilState('ready');

    // One that the daemon began, and whose daemon died: with an option of its own it is no work for the next one.
    const begun = batches();
    const losing = startFnloop('train', 'breast-cancer', ...here, '--steps', '120');
    await until(() => batches() > begun + 5, 'it trains');
    child.kill('SIGKILL');
    const lost = await losing.ended;
    expect([lost.code, lost.stderr]).toEqual([130, expect.stringContaining('does not answer any more')]);
    await daemonWith(address, { runs });
    const cut = () => jobsIn(runs)[0];
    expect(cut()?.state).toBe('interrupted');
    const accepted = await fnloop('runs', 'resume', cut()?.runId ?? '', '--runs', runs, '--accept-changes');
    expect([accepted.code, accepted.stderr]).toEqual([0, expect.stringContaining('is borrowed')]);
    await until(() => cut()?.state === 'finished', 'its job is judged by its file');
  },
);

test(
  'without its token the daemon is named where the port is busy; another daemon is refused',
  LONG,
  async () => {
    const address = await ptyMock();
    const token = 'fnl_0123456789abcdef';
    inEnvironment({ FNLOOP_TOKEN: token });
    const tokens = [{ name: 'me', role: 'run', sha256: hashOfToken(token) }];
    const { where, url, file, child } = await daemonWith(address, { tokens });
    expect((await fnloop('info', ...where)).code).toBe(0);
    delete process.env['FNLOOP_TOKEN'];
    const busy = await fnloop('train', 'breast-cancer', ...where);
    expect([busy.code, busy.stderr]).toEqual([
      3,
      expect.stringContaining(`The daemon at ${url} may have it, and tells nobody without a token`),
    ]);
    const second = await fnloop('daemon', '--config', file);
    expect([second.code, second.stderr]).toEqual([
      5,
      expect.stringContaining(`Another daemon, process ${child.pid}`),
    ]);
  },
);

test('SAFE that a daemon does not do is done directly', LONG, async () => {
  const { mock, address } = await servedMock();
  const { lab, url } = await startApi();
  lab.set('left', { address, state: 'lent', reason: 'Lent to x.' });
  lab.safe = () => Promise.reject(new Error('a defect'));
  inEnvironment({ FNLOOP_DAEMON: url });
  const { code, stdout, stderr } = await fnloop('safe', '--board', address, '--runs', temporaryFolder());
  expect([code, stdout]).toEqual([0, expect.stringContaining('outputs at rest, disarmed, waves forgotten')]);
  expect(stderr).toContain('so the board is told directly');
  expect(mock.isArmed).toBe(false);
});
