import { expect, test } from 'vitest';
import { devices } from '../../../calibration/devices.ts';
import type { Verdict } from '../../../calibration/fit/verdict.ts';
import { createMockBoard } from '../../../mocks/index.ts';
import { calibratedChip, nominalChip } from '../../../src/chip/chip-model.ts';
import { cellsOf } from '../../../src/training/placement.ts';
import { calibrationOfNodes } from '../../support/calibration.ts';
import { boardOn, wireTo } from '../../support/wire.ts';

const device = devices['dam-a'];
if (device === undefined) throw new Error('dam-a is gone');
const board = (await boardOn(wireTo(createMockBoard({ preset: 'dam-a', cells: 8 })))).identity;
const node = { k1PerS: 1.2e13, k2V: 300, couplingRel: 0.2, offsetV: 0 };
const chipWith = (verdicts: Readonly<Record<number, Verdict>>) =>
  calibratedChip(calibrationOfNodes(board, Array(16).fill(node), { verdicts }), device);
const taskOf = (features: number) => ({
  name: 'breast-cancer',
  features: Array.from({ length: features }, (_, index) => `f${index}`),
  classes: ['no', 'yes'] as const,
  train: { inputs: [], labels: [] },
  test: { inputs: [], labels: [] },
});

test('weights go to the first cells whose nodes are both good', () => {
  expect(cellsOf(taskOf(3), board, nominalChip(device))).toEqual([0, 1, 2, 3]);
  expect(cellsOf(taskOf(3), board, chipWith({ 0: 'stuck', 5: 'leaky' }))).toEqual([1, 3, 4, 5]);
});

test('too few cells are refused with numbers, and by verdict where cells are masked', () => {
  expect(() => cellsOf(taskOf(8), board, nominalChip(device))).toThrow(
    'Task breast-cancer has 9 weights, but board dam-a:1 has 8 cells. Nothing was sent.',
  );
  expect(() =>
    cellsOf(taskOf(5), board, chipWith({ 0: 'stuck', 1: 'stuck', 5: 'leaky', 9: 'stuck' })),
  ).toThrow(
    expect.objectContaining({
      code: 'limit-exceeded',
      message: expect.stringContaining(
        'has 5 usable cells of 8: 3 are masked by its calibration (nodes: 3 stuck, 1 leaky). Nothing was sent.',
      ),
    }),
  );
});
