import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunSummary } from '../../src/store/summary.ts';
import { fnloop, fnloopJson, startMock } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';
import { contentOf } from '../support/run-content.ts';

const train = (runs: string, ...parameters: string[]) =>
  fnloopJson<RunSummary>('train', 'breast-cancer', '--runs', runs, ...parameters);

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
    const { steps } = await contentOf(dirname(summary.file));
    const accuracies = (steps as { test_accuracy: number }[]).map(({ test_accuracy }) => test_accuracy);
    expect(summary).toMatchObject({ updates: 0, pulses: 0, energyFJ: { tunneling: { mean: null } } });
    expect(summary.accuracy.test).toBeLessThan(0.9);
    expect(Math.max(...accuracies) - Math.min(...accuracies)).toBeLessThan(0.05);
  });

  test('every shipped experiment trains', async () => {
    const runs = temporaryFolder();
    for (const name of ['breast-cancer-fast', 'breast-cancer-minibatch']) {
      const { accuracy } = await fnloopJson<RunSummary>('train', name, '--runs', runs);
      expect(accuracy.test, name).toBeGreaterThanOrEqual(0.95);
    }
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
  expect(ids('intents', 'batch')).toEqual(ids('outcomes', 'batch'));
  expect(ids('updates', 'update_id')).toEqual(Array.from({ length: updates }, (_, index) => index + 1));
  expect(ids('pulses', 'update_id').sort((a = 0, b = 0) => a - b)).toEqual(ids('updates', 'update_id'));
  expect(content['pulses']).toHaveLength(pulses);
  expect(content['readings']).toHaveLength(26 * 31);
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
