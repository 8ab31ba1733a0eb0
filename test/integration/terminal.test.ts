import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FnloopError } from '../../src/core/errors.ts';
import { packageRoot } from '../../src/core/package.ts';
import { RunReader } from '../../src/store/run-reader.ts';
import { servedMock, until } from '../support/daemon.ts';
import { startFnloop } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';
import { terminal } from '../support/terminal.ts';

const LONG = 120_000;

/** How the only run of a folder has ended, once the process that did it has let go of its file. */
async function endOf(runs: string): Promise<string> {
  for (;;) {
    const [run] = readdirSync(runs).filter((name) => name !== 'boards');
    try {
      const status = await RunReader.with(join(runs, run ?? 'none'), async ({ manifest }) => manifest.status);
      if (status !== 'running') return status;
    } catch (error) {
      if (!(error instanceof FnloopError) || error.code !== 'run-in-use') throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A training in a terminal, which is closed in the middle of it. */
async function hungUp(lineOf: (fnloop: string, folder: string) => string, steps: number): Promise<string> {
  const { address, batches } = await servedMock();
  const folder = temporaryFolder();
  const runs = join(folder, 'runs');
  const main = join(packageRoot, 'dist', 'src', 'cli', 'main.js');
  const fnloop = `${process.execPath} ${main} train breast-cancer --steps ${steps} --board ${address} --runs ${runs}`;
  const shell = terminal(`cd ${folder}; ${lineOf(fnloop, folder)}`);
  await until(() => batches() > 10, 'it trains', LONG);
  shell.hangUp();
  return endOf(runs);
}

/** One word of what is run says that it is to outlive its terminal, in different ways. */
test.each<[string, (fnloop: string, folder: string) => string]>([
  ['nohup', (fnloop) => `nohup ${fnloop}`],
  ['nohup where nothing is the terminal', (fnloop) => `nohup ${fnloop} </dev/null >/dev/null 2>&1 &`],
  ['nohup by a shell that does not say what it runs', (fnloop) => `env -u _ nohup ${fnloop}`],
  [
    'a script under nohup',
    (fnloop, folder) => {
      const script = join(folder, 'script.sh');
      writeFileSync(script, `env -u _ ${fnloop}\n`);
      return `nohup sh ${script} </dev/null >/dev/null 2>&1 &`;
    },
  ],
  ['setsid, with its output in the terminal', (fnloop) => `setsid ${fnloop}`],
  ['a job that the shell has disowned', (fnloop) => `${fnloop} & disown`],
])('%s: the run outlives its terminal', { timeout: LONG }, async (_, lineOf) => {
  expect(await hungUp(lineOf, 300)).toBe('finished');
});

test('a run in a terminal ends in order with it', { timeout: LONG }, async () => {
  expect(await hungUp((fnloop) => fnloop, 100_000)).toBe('interrupted');
});

test('a terminal that is closed says so twice, by the system and by its shell: the run ends in order all the same', {
  timeout: LONG,
}, async () => {
  const { address, batches } = await servedMock();
  const runs = join(temporaryFolder(), 'runs');
  const train = ['train', 'breast-cancer', '--steps', '100000', '--board', address, '--runs', runs];
  const { child, ended } = startFnloop(...train);
  await until(() => batches() > 10, 'it trains', LONG);
  // One of them comes while the first is seen to.
  for (let time = 0; time < 4; time += 1) {
    child.kill('SIGHUP');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect((await ended).code).toBe(129);
  expect(await endOf(runs)).toBe('interrupted');
});
