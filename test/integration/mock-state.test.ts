import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { boardStateFile } from '../../src/store/board-state.ts';
import type { RunSummary } from '../../src/store/summary.ts';
import { fnloop, fnloopJson } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

test('a mock chip with a state file ages over runs, and what its nodes have received is known', async () => {
  const folder = temporaryFolder();
  const state = join(folder, 'chip.json');
  const chip = () => JSON.parse(readFileSync(state, 'utf8')) as { pulses: number[]; openings: number };
  const board = `mock:dam-a?cells=64&seed=3&state=${state}`;
  const train = () =>
    fnloopJson<RunSummary>(
      ...(['train', 'breast-cancer', '--board', board, '--steps', '3', '--runs', folder] as const),
    );
  const first = await train();
  expect(sum(chip().pulses)).toBe(first.pulses);
  const second = await train();
  expect(chip().openings).toBe(1);
  const known = JSON.parse(readFileSync(boardStateFile(folder, 'dam-a:3'), 'utf8')) as { pulses: number[] };
  expect(known.pulses).toEqual(chip().pulses);
  expect(sum(known.pulses)).toBe(first.pulses + second.pulses);
  // Learning rate and weight decay fall with age: later updates tunnel less.
  expect(second.chargeFC.tunneled.mean).toBeLessThan(first.chargeFC.tunneled.mean ?? 0);

  const { code, stderr } = await fnloop(
    'train',
    'breast-cancer',
    '--board',
    `${board}&cells=32`.replace('cells=64&', ''),
  );
  expect(code).toBe(2);
  expect(stderr).toContain('chip.json cannot be used: it has 64 cells, expected 32');
});
