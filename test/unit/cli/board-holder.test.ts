import { createServer } from 'node:net';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { App } from '../../../src/cli/app.ts';
import { holderOf } from '../../../src/cli/by-daemon/board-holder.ts';
import { DaemonFile } from '../../../src/daemon/daemon-file.ts';
import { roleTokens, secretOf, startApi } from '../../support/daemon-api.ts';
import { inEnvironment } from '../../support/fnloop.ts';
import { temporaryFolder } from '../../support/folder.ts';

const NOWHERE = 'http://127.0.0.1:9';
const BENCH = 'tcp:127.0.0.1:7000';

beforeEach(() => inEnvironment({ FNLOOP_DAEMON: NOWHERE }));

/** A daemon with a board at an address, known by its file in the folder of runs. */
async function daemonIn(runs: string, choices: Parameters<typeof startApi>[0] = {}) {
  const started = await startApi(choices);
  started.lab.set('left', { address: BENCH });
  new DaemonFile(runs).write({ address: started.url, boards: [BENCH] });
  return started;
}

test('the daemon of the folder of runs goes before the one of the environment', async () => {
  const runs = temporaryFolder();
  const own = await daemonIn(runs);
  const other = await startApi();
  other.lab.set('right', { address: 'tcp:localhost:7000' });
  inEnvironment({ FNLOOP_DAEMON: other.url });
  const found = await holderOf(new App(), BENCH, runs);
  expect(found).toMatchObject({ recordsHere: true, board: { name: 'left' }, daemon: { url: own.url } });
  const elsewhere = await holderOf(new App(), BENCH, temporaryFolder());
  expect(elsewhere).toMatchObject({
    recordsHere: false,
    board: { name: 'right' },
    daemon: { url: other.url },
  });
});

test('a board that is lent has a holder, which says to whom; one that is quarantined, or of nobody, has none', async () => {
  const runs = temporaryFolder();
  const { lab } = await daemonIn(runs);
  const find = (address: string) => holderOf(new App(), address, runs);
  lab.set('left', { state: 'lent', reason: 'Lent to x.' });
  expect((await find(BENCH))?.board.reason).toBe('Lent to x.');
  lab.set('left', { state: 'quarantined', reason: 'x' });
  expect(await find(BENCH)).toBeUndefined();
  expect(await find('tcp:127.0.0.1:7001')).toBeUndefined();
  // The daemon's mocks are of its own process.
  expect(await find('mock:dam-a?cells=64&seed=4')).toBeUndefined();
});

test('a daemon that wants a token has nothing to say, and is remembered for it', async () => {
  const runs = temporaryFolder();
  const { url } = await daemonIn(runs, { tokens: roleTokens });
  const app = new App();
  expect(await holderOf(app, BENCH, runs)).toBeUndefined();
  expect([...app.askedDaemons]).toEqual([[url, 'closed']]);
  inEnvironment({ FNLOOP_TOKEN: secretOf('read') });
  expect((await holderOf(app, BENCH, runs))?.board.name).toBe('left');
});

test('no daemon costs next to nothing, and one that hangs not more than two seconds', async () => {
  const startMs = performance.now();
  expect(await holderOf(new App(), BENCH, temporaryFolder())).toBeUndefined();
  expect(performance.now() - startMs).toBeLessThan(500);
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as { port: number };
  inEnvironment({ FNLOOP_DAEMON: `http://127.0.0.1:${port}` });
  const silentMs = performance.now();
  expect(await holderOf(new App(), BENCH, temporaryFolder())).toBeUndefined();
  expect(performance.now() - silentMs).toBeLessThan(4_000);
});
