import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readExperiment } from '../../src/config/experiment-file.ts';
import type { RunSummary } from '../../src/store/summary.ts';
import { trainedInFloat } from '../support/float-training.ts';
import { fnloopJson } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';

const EXPERIMENT = 'breast-cancer-stress';
const SEEDS = [1, 2, 3, 4, 5];

interface Accuracies {
  readonly float: number;
  readonly calibrated: number;
  readonly uncalibrated: number;
}

/** One chip, fresh from 8.5 V each time: measured, then trained with and without what was found. */
async function onChip(seed: number): Promise<Accuracies> {
  const folder = temporaryFolder();
  const file = join(folder, 'calibration.json');
  const board = ['--board', `mock:dam-a-stress?cells=64&seed=${seed}`, '--seed', String(seed)];
  const runs = ['--runs', join(folder, 'runs')];
  await fnloopJson('calibrate', ...board, ...runs, '--device', 'dam-a-stress', '--out', file);
  const train = async (...more: string[]) => {
    const { accuracy } = await fnloopJson<RunSummary>('train', EXPERIMENT, ...board, ...runs, ...more);
    return accuracy.test ?? 0;
  };
  return {
    float: trainedInFloat({ ...readExperiment(EXPERIMENT), seed }).accuracy,
    calibrated: await train('--calibration', file),
    uncalibrated: await train(),
  };
}

const rowOf = (seed: number | undefined, { float, calibrated, uncalibrated }: Accuracies): string =>
  `${seed === undefined ? 'mean  ' : `seed ${seed}`}: test accuracy ${float.toFixed(4)} in floating point, ` +
  `${calibrated.toFixed(4)} calibrated, ${uncalibrated.toFixed(4)} uncalibrated\n`;

test('training on a calibrated chip is as good as with weights in floating point', {
  timeout: 240_000,
}, async () => {
  const found = await Promise.all(SEEDS.map(onChip));
  const mean = (name: keyof Accuracies) => found.reduce((sum, one) => sum + one[name], 0) / found.length;
  const means = { float: mean('float'), calibrated: mean('calibrated'), uncalibrated: mean('uncalibrated') };
  for (const [index, one] of [...found, means].entries()) process.stdout.write(rowOf(SEEDS[index], one));
  expect(means.float - means.calibrated).toBeLessThanOrEqual(0.01);
  expect(means.float).toBeGreaterThan(0.97);
});
