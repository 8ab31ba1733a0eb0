import { expect, test } from 'vitest';
import { cellQuantities, colorOf, scaleOf } from '../../../../src/daemon/web/board/cell-colors.ts';

const cell = (weightV: number, pulses: number) => ({
  cell: 0,
  weightV,
  pulses,
  chargeFC: 0,
  budgetUsedRel: null,
  fault: null,
});

test('weights of both signs have zero in the middle, what only grows begins at zero', () => {
  const cells = [cell(-0.003, 4), cell(0.001, 9)];
  expect(scaleOf(cellQuantities.weight, cells)).toEqual([-0.003, 0.003]);
  expect(scaleOf(cellQuantities.pulses, cells)).toEqual([0, 9]);
  expect(scaleOf(cellQuantities.budget, cells)).toEqual([0, 1]);
});

test('a value has the color of its place on the scale, one beyond it that of the end', () => {
  const scale = [-1, 1] as const;
  expect(colorOf(0, scale, true)).toBe('rgb(245 245 245)');
  expect(colorOf(-1, scale, true)).toBe('rgb(0 90 181)');
  expect(colorOf(-7, scale, true)).toBe('rgb(0 90 181)');
  expect(colorOf(0.5, scale, true)).toBe('rgb(236 160 100)');
  expect(colorOf(9, [0, 9], false)).toBe('rgb(240 249 33)');
});
