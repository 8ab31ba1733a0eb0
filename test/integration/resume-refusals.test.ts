import { readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { boardStateFile } from '../../src/store/board-state.ts';
import { interruptionsOf } from '../../src/store/interruptions.ts';
import { RunReader } from '../../src/store/run-reader.ts';
import type { RunSummary } from '../../src/store/summary.ts';
import { fnloop, fnloopJson, startFnloop } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';
import { onlyRun, untilLogHas } from '../support/killed-runs.ts';
import { mutableMock } from '../support/mutable-mock.ts';

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const chargedIn = (runs: string): { readonly openRun: string | null; readonly pulses: readonly number[] } =>
  JSON.parse(readFileSync(boardStateFile(runs, 'dam-a:1'), 'utf8'));
const idOf = (folder: string) => folder.split('/').at(-1) ?? '';

/** A run that was interrupted by a signal after so many batches, and its board. */
async function interrupted(batches = 30) {
  const served = await mutableMock();
  const runs = `${temporaryFolder()}/runs`;
  const training = startFnloop('train', 'breast-cancer', '--board', served.address, '--runs', runs);
  await served.heard(batches);
  training.child.kill('SIGINT');
  expect((await training.ended).code).toBe(130);
  return { ...served, runs, folder: onlyRun(runs) };
}

test('a finished run, and one of which nothing but its end is known, are refused', async () => {
  const { address } = await mutableMock();
  const runs = temporaryFolder();
  const finished = await fnloopJson<RunSummary>(
    ...(['train', 'breast-cancer', '--steps', '2', '--board', address, '--runs', runs] as const),
  );
  const again = await fnloop('runs', 'resume', 'last', '--runs', runs);
  expect(again.code).toBe(2);
  expect(again.stderr).toContain(`error (not-resumable): Run ${finished.runId} is finished`);

  const soaked = temporaryFolder();
  await fnloopJson('soak', '--board', address, '--updates', '100', '--runs', soaked);
  const soak = await fnloop('runs', 'resume', 'last', '--runs', soaked);
  expect(soak.code).toBe(2);
  expect(soak.stderr).toContain('is no training');
});

test('a run that lives is in use; when it is interrupted, its own board is asked for, and no other will do', async () => {
  const { address, heard, mock } = await mutableMock();
  const other = await mutableMock({ seed: 2 });
  const runs = `${temporaryFolder()}/runs`;
  const living = startFnloop(
    ...['train', 'breast-cancer', '--steps', '100000', '--board', address, '--runs', runs],
  );
  await heard(5);
  const early = await fnloop('runs', 'resume', 'last', '--runs', runs);
  expect(early.code).toBe(5);
  expect(early.stderr).toContain('error (run-in-use)');
  living.child.kill('SIGKILL');
  await living.ended;
  const pulses = mock.totalPulses;
  const elsewhere = await fnloop('runs', 'resume', 'last', '--runs', runs, '--board', other.address);
  expect(elsewhere.code).toBe(2);
  expect(elsewhere.stderr).toMatch(/was begun on board dam-a:1, but board dam-a:2 answers at tcp:/);
  expect([mock.totalPulses, other.mock.totalPulses]).toEqual([pulses, 0]);
});

test('a mock that is made anew each time is a new chip, and nobody is told to resume it', async () => {
  const runs = `${temporaryFolder()}/runs`;
  const training = startFnloop('train', 'breast-cancer', '--runs', runs);
  await untilLogHas(runs, 300_000);
  training.child.kill('SIGINT');
  const { code, stderr } = await training.ended;
  expect(code).toBe(130);
  expect(stderr).not.toContain('resume');
  const resumed = await fnloop('runs', 'resume', 'last', '--runs', runs);
  expect(resumed.code).toBe(2);
  expect(resumed.stderr).toContain('it would be a new chip');
  expect(resumed.stderr).toContain('state=FILE');
});

test('a file without the state of its host, as an earlier fnloop wrote it, is refused', async () => {
  const { runs, folder } = await interrupted(8);
  const instance = await DuckDBInstance.create(`${folder}/run.duckdb`);
  const connection = await instance.connect();
  await connection.run('DROP TABLE host_state');
  connection.closeSync();
  instance.closeSync();
  const { code, stderr } = await fnloop('runs', 'resume', 'last', '--runs', runs);
  expect(code).toBe(2);
  expect(stderr).toContain('error (not-resumable)');
  // It can be read and told of all the same.
  expect((await fnloop('runs', 'show', 'last', '--runs', runs)).code).toBe(0);
});

test('cells that another run has trained since are not gone on with, unless that is accepted; each pulse is charged once', async () => {
  const { runs, folder, mock, address } = await interrupted();
  const run = idOf(folder);
  expect(sum(chargedIn(runs).pulses)).toBe(mock.totalPulses);
  await fnloopJson('train', 'breast-cancer-fast', '--steps', '40', '--board', address, '--runs', runs);
  const charged = chargedIn(runs);
  const refused = await fnloop('runs', 'resume', run, '--runs', runs);
  expect(refused.code).toBe(4);
  expect(refused.stderr).toMatch(
    /error \(chip-unfit\): Of the 31 cells of run .* are not what they were left as and the device model expects now, the furthest by .* sigmas/,
  );
  expect(chargedIn(runs)).toEqual(charged);
  await RunReader.with(folder, async ({ manifest }) => expect(manifest.status).toBe('interrupted'));

  const accepted = await fnloop('runs', 'resume', run, '--accept-changes', '--runs', runs, '--json');
  expect(accepted.code).toBe(0);
  expect(accepted.stderr).toMatch(
    /Warning: \d+ of 31 cells are not what the record and the device model expect/,
  );
  expect(JSON.parse(accepted.stdout)).toMatchObject({ status: 'finished', interruptions: { count: 1 } });
  const { openRun, pulses } = chargedIn(runs);
  expect(openRun).toBeNull();
  expect(sum(pulses)).toBe(mock.totalPulses);
}, 60_000);

test('a few cells that changed are named, and the run goes on', async () => {
  const { runs, folder, address } = await interrupted();
  await fnloopJson(
    ...([
      'soak',
      '--board',
      address,
      '--updates',
      '4',
      '--amplitude',
      '5V',
      '--width',
      '200ms',
      '--runs',
      runs,
    ] as const),
  );
  const { code, stderr } = await fnloop('runs', 'resume', idOf(folder), '--runs', runs);
  expect(code).toBe(0);
  const [, named = ''] = /the furthest by [\d.e+]+: cells ([\d, ]+)\./.exec(stderr) ?? [];
  const [interruption] = await RunReader.with(folder, interruptionsOf);
  expect(interruption?.agreement.disagreeing.join(', ')).toBe(named);
  expect(interruption?.agreement.disagreeing.length).toBeGreaterThan(0);
  expect(interruption?.agreement.disagreeing.length).toBeLessThanOrEqual(4);
}, 60_000);

test('a board that stays away leaves a run that goes on where the board is found again', async () => {
  const { address, heard, served, mock } = await mutableMock();
  const runs = `${temporaryFolder()}/runs`;
  const training = startFnloop(
    ...['train', 'breast-cancer', '--board', address, '--runs', runs, '--patience', '500ms'],
  );
  await heard(20);
  await served.unplug(3000);
  const { code, stderr } = await training.ended;
  expect(code).toBe(3);
  expect(stderr).toContain(`Go on with it: fnloop runs resume ${idOf(onlyRun(runs))}`);
  await RunReader.with(onlyRun(runs), async ({ manifest }) => expect(manifest.status).toBe('failed'));
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const summary = await fnloopJson<RunSummary>('runs', 'resume', 'last', '--runs', runs);
  expect(summary).toMatchObject({ status: 'finished', batches: { open: 0 } });
  expect(summary.pulses).toBe(mock.totalPulses);
  await RunReader.with(onlyRun(runs), async ({ manifest }) => expect(manifest.failure).toBeNull());
}, 60_000);
