import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createMockBoard, type MockBoard } from '../../../mocks/index.ts';
import { knownPreset } from '../../../mocks/preset-file.ts';
import type { Experiment } from '../../../src/config/experiment.ts';
import { readExperiment } from '../../../src/config/experiment-file.ts';
import { interruptionsOf } from '../../../src/store/interruptions.ts';
import { RunReader } from '../../../src/store/run-reader.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { beginOn, beginResting, resumeOn } from '../../support/resuming.ts';

const STEPS = 24;
/** In which weights move by more than what is tolerated of them. */
const REST_S = 1e7;

/**
 * Without noise, and so old that it falls by less than 1e-11 V in the microsecond in which its whole array is read: what a resumption
 * reads besides leaves no trace in the codes.
 */
function quickMock(): MockBoard {
  const preset = knownPreset('dam-a');
  return createMockBoard({
    preset: { name: 'quick', preset: { ...preset, adc: { ...preset.adc, groupNodes: 1024, groupUs: 1 } } },
    cells: 64,
    seed: 1,
    startV: 7,
    noise: 'off',
  });
}

/** Pulses that move cells as old. */
const strong = { amplitudeV: 5, baseWidthUs: 200_000, maxWidthUs: 1_000_000 };

function shortUnder(policy: Experiment['policy'], name = 'breast-cancer'): Experiment {
  const experiment = readExperiment(name);
  return { ...experiment, policy, method: { ...experiment.method, steps: STEPS } };
}

/** All that a run did and read, but when. */
const contentOf = (folder: string) =>
  RunReader.with(folder, async (run) => ({
    pulses: await run.query(
      'SELECT update_id, step, slot, pulses.cell, pulses.kind, wave, before_code, after_code FROM pulses JOIN intents USING (intent) ORDER BY update_id, pulses.rowid',
    ),
    steps: await run.query(
      'SELECT step, epoch, train_accuracy, test_accuracy, train_loss, updates, pulses, clipped FROM steps ORDER BY step',
    ),
    weights: await run.query(
      `SELECT step, cell, set_code, reset_code FROM readings WHERE cell < 31
       QUALIFY row_number() OVER (PARTITION BY step, cell ORDER BY rowid DESC) = 1 ORDER BY step, cell`,
    ),
    updates: await run.query(
      'SELECT update_id, purpose, nth_of_cell, wanted_v, round(drift_v * 1e11) AS drift, weight_before_v, weight_after_v, energy_full_cycle_fj FROM updates ORDER BY update_id',
    ),
  }));

test.each([
  ['matched', shortUnder({ name: 'matched', ...strong })],
  ['matched by minibatches', shortUnder({ name: 'matched', ...strong }, 'breast-cancer-minibatch')],
  [
    'constant-step',
    shortUnder({
      ...{ name: 'constant-step', minAmplitudeV: 4.5, maxAmplitudeV: 5 },
      ...{ baseWidthUs: 200_000, maxWidthUs: 1_000_000 },
    }),
  ],
  ['write-verify', shortUnder({ name: 'write-verify', amplitudeV: 5, widthUs: 200_000, maxRounds: 5 })],
] as const)('%s: a run resumed after any step does the pulses and holds the weights of one that was not interrupted', async (_, experiment) => {
  const folder = temporaryFolder();
  await beginOn(quickMock(), experiment, join(folder, 'whole'));
  const whole = await contentOf(join(folder, 'whole'));
  expect(whole.pulses.length).toBeGreaterThan(100);

  const mock = quickMock();
  const resumed = join(folder, 'resumed');
  expect(await beginOn(mock, experiment, resumed, 1)).toBe('interrupted');
  for (const lastStep of [2, 9, 10, 21]) {
    const { status, notes } = await resumeOn(mock, resumed, { lastStep });
    expect(status).toBe('interrupted');
    expect(notes).toEqual([]);
  }
  expect((await resumeOn(mock, resumed)).status).toBe('finished');
  expect(await contentOf(resumed)).toEqual(whole);
  await RunReader.with(resumed, async (run) => {
    expect(run.manifest.status).toBe('finished');
    const interruptions = await interruptionsOf(run);
    expect(interruptions.map(({ afterStep, cutStep }) => [afterStep, cutStep])).toEqual([
      [1, null],
      [2, null],
      [9, null],
      [10, null],
      [21, null],
    ]);
  });
});

test('write-verify: a run that ends after a rest and before its next step is gone on with as after a pause of that length', async () => {
  const experiment = shortUnder({ name: 'write-verify', amplitudeV: 5, widthUs: 200_000, maxRounds: 5 });
  const [paused, rested] = [quickMock(), quickMock()];
  const folder = temporaryFolder();
  expect(await beginOn(paused, experiment, join(folder, 'paused'), 10)).toBe('interrupted');
  paused.elapse(REST_S);
  const whileHeld = () => rested.elapse(REST_S);
  const resting = { afterStep: 10, whileHeld };
  expect(await beginResting(rested, experiment, join(folder, 'rested'), resting)).toBe('interrupted');
  expect((await resumeOn(paused, join(folder, 'paused'))).status).toBe('finished');
  expect((await resumeOn(rested, join(folder, 'rested'))).status).toBe('finished');
  expect(await contentOf(join(folder, 'rested'))).toEqual(await contentOf(join(folder, 'paused')));
});
