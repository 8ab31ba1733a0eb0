import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunSummary } from '../../src/store/summary.ts';
import { fnloop, fnloopJson, startMock } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';
import { contentOf } from '../support/run-content.ts';

const train = (runs: string, ...parameters: string[]) =>
  fnloopJson<RunSummary>('train', 'breast-cancer', '--runs', runs, ...parameters);

/** How far the weight that moved farthest went between the first reading and the last. */
async function largestMoveMV(folder: string): Promise<number> {
  const { readings } = await contentOf(folder);
  const rows = readings as Record<'step' | 'cell' | 'set_code' | 'reset_code', number>[];
  const lastStep = Math.max(...rows.map(({ step }) => step));
  const weights = (wanted: number) =>
    rows
      .filter(({ step }) => step === wanted)
      .map(({ set_code, reset_code }) => ((reset_code - set_code) / 2 ** 23) * 1e4);
  const start = weights(0);
  return Math.max(...weights(lastStep).map((weightMV, index) => Math.abs(weightMV - (start[index] ?? 0))));
}

describe('the main job', () => {
  test.each([
    1, 2, 3, 4, 5,
  ])('seed %i: the board learns to 0.95 or better, at physical energies', async (seed) => {
    const summary = await train(temporaryFolder(), '--seed', String(seed));
    expect(summary).toMatchObject({
      status: 'finished',
      source: 'mock',
      policy: 'matched',
      ratio: { reason: null },
    });
    expect(summary.accuracy.test).toBeGreaterThanOrEqual(0.95);
    expect(summary.energyFJ['half-cv2'].mean).toBeCloseTo(5.0, 1);
    expect(summary.energyFJ['full-cycle'].mean).toBeCloseTo(8.0, 1);
    expect(summary.bounds.landauer.perUpdateZJ).toBeCloseTo(14 * 2.870979, 3);
    expect(summary.ratio.value).toBeGreaterThan(1e5);
  });

  test('without pulses the weights stay where they are: the training is done by the board', async () => {
    const runs = temporaryFolder();
    const summary = await train(runs, '--policy', 'none');
    expect(summary).toMatchObject({ updates: 0, pulses: 0, energyFJ: { tunneling: { mean: null } } });
    expect(summary.accuracy.test).toBeLessThan(0.9);
    const pulsed = await train(runs);
    // Free drift is tens of microvolts in these seconds; training moves weights by millivolts.
    expect(await largestMoveMV(dirname(summary.file))).toBeLessThan(0.5);
    expect(await largestMoveMV(dirname(pulsed.file))).toBeGreaterThan(3);
  });

  test('every shipped experiment trains', async () => {
    const runs = temporaryFolder();
    for (const name of ['breast-cancer-fast', 'breast-cancer-minibatch']) {
      const { accuracy } = await fnloopJson<RunSummary>('train', name, '--runs', runs);
      expect(accuracy.test, name).toBeGreaterThanOrEqual(0.95);
    }
  });

  test.each(['dam-a-stress', 'dam-b', 'dam-a?startV=8'])('mock:%s trains too', async (preset) => {
    const { accuracy } = await train(temporaryFolder(), '--board', `mock:${preset}`, '--steps', '60');
    expect(accuracy.test).toBeGreaterThan(0.85);
  });
});

describe('the same seed gives the same run file', () => {
  const short = async (board: string) => {
    const { file } = await train(temporaryFolder(), '--steps', '25', '--seed', '3', '--board', board);
    const content = await contentOf(dirname(file));
    // The address and the counts of lines are the only things that a transport may change.
    content['manifest'] = (content['manifest'] ?? []).map((row) =>
      JSON.parse(JSON.stringify(row).replaceAll(JSON.stringify(board).slice(1, -1), 'ADDRESS')),
    );
    return content;
  };

  test('twice, and over pty, in-process binding and TCP', async () => {
    const first = await short('mock:dam-a?cells=64');
    expect(first['updates']?.length).toBeGreaterThan(200);
    expect(await short('mock:dam-a?cells=64')).toEqual(first);
    for (const via of ['pty', 'pipe', 'tcp'])
      expect(await short(`mock:dam-a?cells=64&via=${via}`), via).toEqual(first);
  });

  test('and against `fnloop mock --pty` of another terminal, whose chip then has aged', async () => {
    const path = join(temporaryFolder(), 'board');
    const { ready, child, ended } = await startMock('--pty', path, '--cells', '64', '--seed', '3');
    expect(ready).toEqual({ ready: true, address: `serial:${path}` });
    const own = await short('mock:dam-a?cells=64');
    const other = await short(ready.address);
    expect(other['updates']).toEqual(own['updates']);
    expect(other['readings']).toEqual(own['readings']);
    const again = await short(ready.address);
    expect(again['updates']).not.toEqual(own['updates']);
    expect(again['intents']?.length).toBe(own['intents']?.length);
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
    expect(existsSync(path)).toBe(false);
  });
});

test('the record is whole: every intent has its outcome, every update its pulses', async () => {
  const { file, updates, pulses } = await train(temporaryFolder(), '--steps', '25');
  const content = await contentOf(dirname(file));
  const ids = (table: string, column: string) =>
    (content[table] as Record<string, number>[]).map((row) => row[column]);
  expect(ids('intents', 'intent')).toEqual(ids('outcomes', 'intent'));
  expect(ids('updates', 'update_id')).toEqual(Array.from({ length: updates }, (_, index) => index + 1));
  expect(ids('pulses', 'update_id').sort((a = 0, b = 0) => a - b)).toEqual(ids('updates', 'update_id'));
  expect(content['pulses']).toHaveLength(pulses);
  expect(content['readings']).toHaveLength(26 * 31);
  // The drift baseline is alive in every step: a weight W decays by about W/(t + t0), t0 = 177 s, in a step.
  const updatesOfTraining = content['updates'] as Record<
    'step' | 'drift_v' | 'weight_before_v' | 'width_us',
    number
  >[];
  for (const { step, drift_v, weight_before_v } of updatesOfTraining.filter(
    ({ step: number }) => number > 1,
  )) {
    const elapsedS = -drift_v / (weight_before_v / 177);
    expect(elapsedS, `step ${step}`).toBeGreaterThan(0.05);
    expect(elapsedS, `step ${step}`).toBeLessThan(1.3);
  }
  expect(content['events']).toEqual([
    expect.objectContaining({ name: 'bring-up', detail: expect.stringContaining('"sign":1') }),
  ]);
});

test('stdout carries the result only; nothing else where stderr is no terminal', async () => {
  const { code, stdout, stderr } = await fnloop(
    'train',
    'breast-cancer',
    '--steps',
    '5',
    '--runs',
    temporaryFolder(),
  );
  expect(code).toBe(0);
  expect(stdout).toContain('energy (full-cycle)');
  expect(stderr.trim().split('\n')).toEqual([
    expect.stringMatching(/^Run .* on mock dam-a:1 at mock:dam-a\?cells=64, recorded in /),
  ]);
});
