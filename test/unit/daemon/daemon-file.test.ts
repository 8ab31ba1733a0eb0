import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { isAlive, thisProcess } from '../../../src/core/process-identity.ts';
import { DaemonFile, runningDaemon } from '../../../src/daemon/daemon-file.ts';
import { temporaryFolder } from '../../support/folder.ts';

const ROUNDS = 20;
const SCRIPT = join(import.meta.dirname, '../../support/claiming.mjs');

/** A process that claims folders. */
async function claimant() {
  const child = spawn(process.execPath, [SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => (await lines.next()).value ?? 'ended';
  expect(await next()).toBe('ready');
  return {
    pid: child.pid ?? 0,
    claim: (folder: string) => {
      child.stdin.write(`${folder}\n`);
      return next();
    },
    kill: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

test(`of three that begin at the same moment exactly one has the folder, ${ROUNDS} times, and a killed one leaves it`, async () => {
  const folder = temporaryFolder();
  const contestants = await Promise.all([claimant(), claimant(), claimant()]);
  for (let round = 0; round < ROUNDS; round += 1) {
    const runs = join(folder, String(round));
    const said = await Promise.all(contestants.map(({ claim }) => claim(runs)));
    expect(said.toSorted(), `round ${round}`).toEqual(['has it', 'run-in-use', 'run-in-use']);
    expect(runningDaemon(runs)?.pid).toBe(contestants[said.indexOf('has it')]?.pid);
  }
  const runs = join(folder, 'contested');
  for (let round = 0; round < 5; round += 1) {
    const said = await Promise.all(contestants.map(({ claim }) => claim(runs)));
    expect(said.toSorted(), `round ${round}`).toEqual(['has it', 'run-in-use', 'run-in-use']);
    const [winner] = contestants.splice(said.indexOf('has it'), 1);
    await winner?.kill();
    expect(runningDaemon(runs)).toBeUndefined();
    contestants.push(await claimant());
  }
  expect(readdirSync(join(runs, 'daemon')).sort()).toEqual(['claim-5', 'daemon.json']);
}, 60_000);

test('an id that another program has by now is no daemon, and one of another user is', () => {
  const runs = temporaryFolder();
  const file = new DaemonFile(runs);
  file.write({ address: null, boards: [] });
  expect(runningDaemon(runs)?.pid).toBe(process.pid);
  const { startedAs } = thisProcess();
  const say = (content: object) =>
    writeFileSync(
      join(runs, 'daemon', 'daemon.json'),
      JSON.stringify({ address: null, boards: [], ...content }),
    );
  say({ pid: process.pid, startedAs: startedAs.replace(/\d+$/, '1') });
  expect(runningDaemon(runs)).toBeUndefined();
  say({ pid: process.pid });
  expect(runningDaemon(runs)).toBeUndefined();
  // Where signals are not allowed, as with a process of root, its start tells.
  expect(isAlive({ pid: process.pid, startedAs })).toBe(true);
  expect(isAlive({ pid: 2 ** 30, startedAs })).toBe(false);
});
