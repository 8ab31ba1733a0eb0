import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SoakResult } from '../../src/cli/soak-result.ts';
import type { RunSummary } from '../../src/store/summary.ts';
import { fnloop, fnloopJson } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';

const FAULTS = [
  ...[
    'corrupt:0.01',
    'drop:0.005',
    'duplicate:0.01',
    'split:0.01',
    'merge:0.01',
    'delay:0.01',
    'garbage:0.01',
  ],
  ...['swallow-before:0.01', 'swallow-after:0.01', 'unplug:4@80000', 'reboot:1@80000', 'brown-out:1@80000'],
].join();

test('80,000 updates through every fault, two kills of the host and two restarts of the board: none lost, none repeated', async () => {
  const result = await fnloopJson<SoakResult>(
    ...['soak', '--board', 'mock:dam-a', '--updates', '80000', '--step-updates', '4096'],
    ...['--kills', '2', '--seed', '5', '--faults', FAULTS, '--runs', temporaryFolder()],
  );
  expect(result).toMatchObject({
    status: 'finished',
    updates: 80_000,
    pulses: 80_000,
    lost: 0,
    repeated: 0,
    differences: [],
    kills: 2,
    batches: { open: 0 },
  });
  // The faults were there: counters of killed processes end with their last step.
  const { link } = result;
  expect(link.badChecksums + link.badForms).toBeGreaterThan(0);
  expect(link.lostReplies).toBeGreaterThan(5);
  expect(link.reconnects).toBeGreaterThan(0);
}, 180_000);

test('another seed, one process, a script from a file', async () => {
  const folder = temporaryFolder();
  const script = join(folder, 'storm.yaml');
  writeFileSync(
    script,
    `rates: { corrupt: 0.02, swallow-after: 0.02, swallow-before: 0.02 }
at:
  - { fault: brown-out, afterPulses: 3000, slots: 2 }
  - { fault: unplug, afterPulses: 9000, forMs: 100 }
  - { fault: reboot, afterPulses: 15000 }
`,
  );
  const result = await fnloopJson<SoakResult>(
    ...['soak', '--board', 'mock:dam-a', '--updates', '20000', '--step-updates', '2048', '--faults', script],
    ...['--seed', '6', '--runs', folder],
  );
  expect(result).toMatchObject({ updates: 20_000, lost: 0, repeated: 0, link: { reboots: 2 } });
  expect(result.batches.inferred).toBeGreaterThan(0);
  expect(result.batches.inferredPulses).toBeGreaterThan(0);
});

test('a wire log of a run plays back to the same run; one that ends early says where', async () => {
  const folder = temporaryFolder();
  const log = join(folder, 'wire.log');
  const short = ['train', 'breast-cancer', '--steps', '10', '--runs'];
  const logged = await fnloopJson<RunSummary>(...short, join(folder, 'a'), '--wire-log', log);
  const lines = readFileSync(log, 'latin1').split('\n');
  expect(lines.filter((line) => line.includes('> #')).length).toBeGreaterThan(20);
  const replayed = await fnloopJson<RunSummary>(...short, join(folder, 'b'), '--board', `replay:${log}`);
  expect(replayed.energyFJ).toEqual(logged.energyFJ);
  expect(replayed.accuracy).toEqual(logged.accuracy);
  const cut = join(folder, 'cut.log');
  writeFileSync(cut, `${lines.slice(0, 40).join('\n')}\n`, 'latin1');
  const ended = await fnloop(...short, join(folder, 'c'), '--board', `replay:${cut}`, '--patience', '200ms');
  expect(ended.code).toBe(3);
  expect(ended.stderr).toContain(`the replay file ${cut} ends after line`);
  const again = await fnloop(...short, join(folder, 'd'), '--wire-log', log);
  expect(again.code).toBe(5);
  expect(again.stderr).toContain(`Cannot begin the wire log ${log}`);
});

test.each([
  [['--faults', 'explode:0.1'], 2, "there is no fault 'explode', expected one of corrupt, drop"],
  [['--faults', 'corrupt:2'], 2, 'corrupt'],
  [
    ['--board', 'tcp:127.0.0.1:1', '--faults', 'drop:0.1'],
    2,
    'Faults are for a mock: tcp:127.0.0.1:1 is none.',
  ],
  [['--amplitude', '4'], 2, 'Expected a voltage with its unit, 4V or 4000mV'],
  [['--amplitude', '9V'], 4, 'amplitude of 9 V is beyond board'],
  [['--width', '10'], 2, 'Expected a time with its unit'],
])('soak %j is refused before the first pulse', async (options, status, message) => {
  const board = options.includes('--board') ? [] : ['--board', 'mock:dam-a'];
  const { code, stderr } = await fnloop(
    'soak',
    '--updates',
    '10',
    ...board,
    ...options,
    '--runs',
    temporaryFolder(),
  );
  expect(code).toBe(status);
  expect(stderr).toContain(message);
});
