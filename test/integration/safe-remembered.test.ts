import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createMock, serveTcp } from '../../mocks/index.ts';
import { bringToRest } from '../../src/board/bring-to-rest.ts';
import { App } from '../../src/cli/app.ts';
import { trainRun } from '../../src/cli/train-run.ts';
import { systemClock } from '../../src/core/clock.ts';
import { parseAddress } from '../../src/transport/address.ts';
import { openEndpoint } from '../../src/transport/open.ts';
import { daemonConfig, experimentOf, labOf, until } from '../support/daemon.ts';
import { inEnvironment, startFnloop } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';
import { childrenOf } from '../support/processes.ts';

const LONG = 120_000;

/** A mock that several hosts share, and SAFE by one of them, who is neither a daemon nor a run. */
async function sharedMock() {
  const { board: mock, end, join } = createMock({ preset: 'dam-a', cells: 64 });
  const served = await serveTcp(end, { host: '127.0.0.1', port: 0 }, join);
  onTestFinished(() => served.close());
  const address = `tcp:127.0.0.1:${served.port}`;
  const safe = async () => bringToRest(await openEndpoint(parseAddress(address), { seed: 1 }), systemClock);
  return { mock, address, safe };
}

/** Long enough for whoever would begin again. */
const A_WHILE_MS = 3_000;

const bench = async () => {
  const shared = await sharedMock();
  const { file } = daemonConfig({ b0: shared.address }, { resume: 'automatic' });
  return { ...shared, file };
};

test('SAFE while the process of a daemon’s board is dead holds, until a person says go on', {
  timeout: LONG,
}, async () => {
  const { mock, address, safe, file } = await bench();
  const { lab } = labOf(file);
  await lab.submit('b0', experimentOf(100_000, { board: address }), 'test');
  await until(() => mock.totalPulses > 200, 'it trains');
  process.kill(lab.pidOf('b0') ?? 0, 'SIGKILL');
  await safe();
  const pulses = mock.totalPulses;
  await until(() => lab.boards()[0]?.state === 'resting', 'the board rests');
  await sleep(A_WHILE_MS);
  expect([mock.totalPulses, mock.isArmed, lab.boards()[0]?.state]).toEqual([pulses, false, 'resting']);
  expect(lab.boards()[0]?.reason).toContain('SAFE of somebody else');

  await lab.goOn('b0');
  const [job] = lab.jobs();
  if (job?.state === 'interrupted') await lab.resume(job.id);
  await until(() => mock.totalPulses > pulses, 'it goes on');

  // What a person knows of is known to the next process, too.
  process.kill(lab.pidOf('b0') ?? 0, 'SIGKILL');
  const before = mock.totalPulses;
  await until(() => mock.totalPulses > before + 200, 'it is resumed by itself');
});

test('SAFE while no daemon runs holds for the next one', { timeout: LONG }, async () => {
  const { mock, address, safe, file } = await bench();
  const { lab } = labOf(file);
  await lab.submit('b0', experimentOf(100_000, { board: address }), 'test');
  await until(() => mock.totalPulses > 200, 'it trains');
  await lab.close();
  await safe();
  const pulses = mock.totalPulses;
  const { lab: next } = labOf(file);
  await until(() => next.boards()[0]?.state === 'resting', 'the board rests');
  await sleep(A_WHILE_MS);
  expect([mock.totalPulses, mock.isArmed]).toEqual([pulses, false]);
  await next.resume(next.jobs()[0]?.id ?? '');
  await until(() => mock.totalPulses > pulses, 'it goes on');
});

test('a daemon that nobody told to rest meanwhile resumes by itself', { timeout: LONG }, async () => {
  const { mock, address, file } = await bench();
  const { lab } = labOf(file);
  await lab.submit('b0', experimentOf(100_000, { board: address }), 'test');
  await until(() => mock.totalPulses > 200, 'it trains');
  await lab.close();
  const pulses = mock.totalPulses;
  labOf(file);
  await until(() => mock.totalPulses > pulses, 'it goes on');
});

test('SAFE while a board is out of service, or that the daemon cannot do just then, holds once it is back', {
  timeout: LONG,
}, async () => {
  const { mock, address, safe, file } = await bench();
  const { lab } = labOf(file);
  await until(() => lab.boards()[0]?.state === 'ready', 'it is connected');
  await lab.quarantine('b0', 'a test');
  await lab.submit('b0', experimentOf(5, { board: address }), 'test');
  await safe();
  await lab.release('b0');
  await until(() => lab.boards()[0]?.state === 'resting', 'the board rests');
  await lab.goOn('b0');
  await until(() => lab.jobs()[0]?.state === 'finished', 'the job is done');

  await lab.quarantine('b0', 'a test');
  await expect(lab.safe('b0', 'ann')).rejects.toMatchObject({ code: 'link-lost' });
  await lab.release('b0');
  await until(() => lab.boards()[0]?.state === 'resting', 'the board rests');
  expect(mock.isArmed).toBe(false);
});

test('SAFE between two connections of one command ends it', { timeout: LONG }, async () => {
  const { mock, address, safe } = await sharedMock();
  const app = new App();
  const runs = temporaryFolder();
  const train = () => trainRun(app, { ...experimentOf(3), board: address }, { runs }, () => {});
  expect((await train()).status).toBe('finished');
  expect((await train()).status).toBe('finished');
  await safe();
  const pulses = mock.totalPulses;
  expect((await train()).status).toBe('interrupted');
  expect([mock.totalPulses, mock.isArmed]).toEqual([pulses, false]);
});

test('SAFE by another host between two processes of a soak ends it', { timeout: LONG }, async () => {
  inEnvironment({ FNLOOP_DAEMON: 'http://127.0.0.1:9' });
  const { mock, address, safe } = await sharedMock();
  const soak = ['--updates', '100000000', '--kills', '1000', '--board', address, '--runs', temporaryFolder()];
  const { child, ended } = startFnloop('soak', ...soak);
  await until(() => mock.totalPulses > 2_000, 'it pulses', LONG);
  for (const worker of childrenOf(child.pid ?? 0)) process.kill(worker, 'SIGKILL');
  await safe();
  const pulses = mock.totalPulses;
  const { code, stderr } = await ended;
  expect([code, mock.totalPulses, mock.isArmed]).toEqual([4, pulses, false]);
  expect(stderr).toContain('brought-to-rest');
});
