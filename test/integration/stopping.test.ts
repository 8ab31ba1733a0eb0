import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createMockBoard, type MockBoard, serveTcp, type WireEnd } from '../../mocks/index.ts';
import { RunReader } from '../../src/store/run-reader.ts';
import type { RunSummary } from '../../src/store/summary.ts';
import { fnloop, startFnloop } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';

/** Serves one end of a wire on TCP until the test ends; returns its board address. */
async function addressOf(end: WireEnd): Promise<string> {
  const served = await serveTcp(end, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => served.close());
  return `tcp:127.0.0.1:${served.port}`;
}

/** Bytes to a mock, of which the test hears first: false keeps them from the board. */
function overheard(mock: MockBoard, hear: (bytes: string) => boolean): WireEnd {
  const end: WireEnd = {
    onSend: () => {},
    receive: (bytes) => {
      if (hear(bytes)) mock.receive(bytes);
    },
  };
  mock.onSend = (bytes) => end.onSend(bytes);
  return end;
}

const until = async (isSo: () => boolean) => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
};

/** A mock whose truth the test sees, served to a training process that runs until it is stopped. */
async function longTraining() {
  const mock = createMockBoard({ preset: 'dam-a', cells: 64 });
  let batches = 0;
  const address = await addressOf(
    overheard(mock, (bytes) => {
      if (bytes.includes(' RUN ')) batches += 1;
      return true;
    }),
  );
  const runs = temporaryFolder();
  const training = startFnloop(
    ...['train', 'breast-cancer', '--steps', '100000', '--board', address, '--runs', runs, '--json'],
  );
  await until(() => batches >= 20);
  return { mock, runs, address, ...training };
}

const onlyRun = (runs: string) => join(runs, readdirSync(runs).find((name) => name !== 'boards') ?? 'none');

/** Nodes for which run file and board do not agree on the number of pulses. */
async function differences(folder: string, mock: MockBoard): Promise<unknown[]> {
  return RunReader.with(folder, async (run) => {
    const rows = await run.query<{ cell: number; kind: 'SET' | 'RESET'; pulses: number }>(
      'SELECT cell, kind, count(*) AS pulses FROM pulses GROUP BY cell, kind',
    );
    const recorded = new Map(rows.map(({ cell, kind, pulses }) => [`${kind} ${cell}`, pulses]));
    const nodes = Array.from({ length: 64 }, (_, cell) => [
      { cell, kind: 'SET' as const },
      { cell, kind: 'RESET' as const },
    ]).flat();
    return nodes.filter(
      ({ cell, kind }) => mock.pulsesApplied(cell, kind) !== (recorded.get(`${kind} ${cell}`) ?? 0),
    );
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

test.each([
  ['SIGTERM', 143],
  ['SIGHUP', 129],
  ['SIGQUIT', 131],
] as const)('%s does the same', async (signal, exitCode) => {
  const { mock, child, ended } = await longTraining();
  child.kill(signal);
  expect((await ended).code).toBe(exitCode);
  expect(mock.isArmed).toBe(false);
});

test('a second signal does not wait for a board that is slow, but brings it to rest', async () => {
  const mock = createMockBoard({ preset: 'dam-a', cells: 64 });
  let isStuck = false;
  const address = await addressOf(
    overheard(mock, (bytes) => {
      // A RUN that is never answered; everything else is.
      isStuck ||= bytes.includes(' RUN ');
      return !bytes.includes(' RUN ');
    }),
  );
  const { child, ended } = startFnloop(
    'train',
    'breast-cancer',
    '--board',
    address,
    '--runs',
    temporaryFolder(),
  );
  await until(() => isStuck);
  expect(mock.isArmed).toBe(true);
  child.kill('SIGINT');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(mock.isArmed).toBe(true);
  child.kill('SIGINT');
  expect((await ended).code).toBe(130);
  expect(mock.isArmed).toBe(false);
});

test('a signal before the work has begun sends no pulse', async () => {
  const mock = createMockBoard({ preset: 'dam-a', cells: 64 });
  let greetings = 0;
  const address = await addressOf(
    overheard(mock, () => {
      greetings += 1;
      return false;
    }),
  );
  for (const command of [['train', 'breast-cancer', '--runs', temporaryFolder()], ['info']]) {
    greetings = 0;
    const { child, ended } = startFnloop(...command, '--board', address);
    await until(() => greetings > 0);
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toContain('error (interrupted): Stopped while connecting to tcp:127.0.0.1:');
    // It did not wait for the deadline, after which HELLO is asked again.
    expect(greetings).toBe(1);
  }
  expect(mock.pulsesApplied(0, 'SET')).toBe(0);
});

test('output that nobody reads ends the run in order', async () => {
  const { mock, child, ended, runs } = await longTraining();
  child.stdout?.destroy();
  child.kill('SIGINT');
  expect((await ended).code).toBe(130);
  expect(mock.isArmed).toBe(false);
  await RunReader.with(onlyRun(runs), async (run) => expect(run.manifest.status).toBe('interrupted'));
  const unread = startFnloop('train', 'no-such-file.yaml');
  unread.child.stderr?.destroy();
  expect((await unread.ended).code).not.toBe(0);
});

test('kill -9 loses no committed row, and what was cut off is one open intent at most', async () => {
  const { mock, runs, child, ended } = await longTraining();
  child.kill('SIGKILL');
  await ended;
  const folder = onlyRun(runs);
  const open = await RunReader.with(folder, async (run) => {
    expect(run.manifest.status).toBe('running');
    const count = (await run.rows('intents')).length - (await run.rows('outcomes')).length;
    expect([0, 1]).toContain(count);
    return count;
  });
  // The pulses of an open intent are on the board and not in the file; all others are in both.
  const unrecorded = await differences(folder, mock);
  expect(unrecorded.length === 0 || open === 1).toBe(true);
  const { code, stdout } = await fnloop('runs', 'show', folder);
  expect(code).toBe(0);
  expect(stdout).toContain('(running)');
});

test('an unplug in mid-run is outlasted: the run finishes, and board and file agree', async () => {
  const mock = createMockBoard({ preset: 'dam-a', cells: 64 });
  const served = await serveTcp(mock, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => served.close());
  const runs = temporaryFolder();
  const training = startFnloop(
    ...['train', 'breast-cancer', '--steps', '400', '--board', `tcp:127.0.0.1:${served.port}`],
    ...['--runs', runs, '--json'],
  );
  for (const pulses of [5, 40]) {
    await until(() => mock.pulsesApplied(0, 'SET') + mock.pulsesApplied(0, 'RESET') >= pulses);
    await served.unplug(300);
  }
  const { code, stdout } = await training.ended;
  expect(code).toBe(0);
  const { link, batches } = JSON.parse(stdout) as RunSummary;
  expect(link).toMatchObject({ reconnects: 2, reboots: 0 });
  expect(batches).toMatchObject({ inferred: 0, open: 0 });
  expect(await differences(onlyRun(runs), mock)).toEqual([]);
});

test('a board that stays away fails the run, which stays readable and says why', async () => {
  const mock = createMockBoard({ preset: 'dam-a', cells: 64 });
  const served = await serveTcp(mock, { host: '127.0.0.1', port: 0 });
  const runs = temporaryFolder();
  const training = startFnloop(
    ...['train', 'breast-cancer', '--steps', '100000', '--board', `tcp:127.0.0.1:${served.port}`],
    ...['--runs', runs, '--patience', '500ms'],
  );
  await until(() => mock.pulsesApplied(0, 'SET') + mock.pulsesApplied(0, 'RESET') >= 5);
  await served.close();
  const { code, stderr } = await training.ended;
  expect(code).toBe(3);
  expect(stderr).toMatch(/error \(link-lost\): The link to tcp:127.0.0.1:\d+ has ended: .*given up after/);
  await RunReader.with(onlyRun(runs), async (run) => {
    expect(run.manifest.status).toBe('failed');
    expect(run.manifest.failure).toContain('given up after');
  });
});

test('the next start settles what kill -9 left open, and board and file agree again', async () => {
  const { mock, runs, child, ended, address } = await longTraining();
  child.kill('SIGKILL');
  await ended;
  const killed = onlyRun(runs);
  const next = await fnloop('train', 'breast-cancer', '--steps', '3', '--board', address, '--runs', runs);
  expect(next.code).toBe(0);
  await RunReader.with(killed, async (run) => {
    expect((await run.rows('intents')).length).toBe((await run.rows('outcomes')).length);
    const [late] = await run.query<{ pulses: number }>(
      'SELECT count(*) AS pulses FROM pulses ANTI JOIN updates USING (update_id)',
    );
    expect(late?.pulses).toBe(0);
  });
  const all = await Promise.all(
    readdirSync(runs)
      .filter((name) => name !== 'boards')
      .map((name) => pulsesOf(join(runs, name))),
  );
  const recorded = all.reduce((sum, pulses) => sum + pulses, 0);
  const emitted = Array.from({ length: 64 }, (_, cell) =>
    (['SET', 'RESET'] as const).map((kind) => mock.pulsesApplied(cell, kind)),
  ).flat();
  expect(recorded).toBe(emitted.reduce((sum, pulses) => sum + pulses, 0));
});

const pulsesOf = (folder: string): Promise<number> =>
  RunReader.with(folder, async (run) => (await run.rows('pulses')).length);
