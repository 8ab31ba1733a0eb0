import { expect, test } from 'vitest';
import { clipped, spreadOf } from '../../../src/board/convex-region.ts';

const square = [
  { x: 0, y: 0 },
  { x: 2, y: 0 },
  { x: 2, y: 2 },
  { x: 0, y: 2 },
];

test('a uniform square has its mean in the middle and a variance of side^2/12', () => {
  const spread = spreadOf(square);
  expect(spread?.mean).toEqual({ x: 1, y: 1 });
  expect(spread?.xx).toBeCloseTo(1 / 3, 12);
  expect(spread?.yy).toBeCloseTo(1 / 3, 12);
  expect(spread?.xy).toBeCloseTo(0, 12);
});

test('the triangle below a diagonal leans with it', () => {
  const spread = spreadOf(clipped(square, -1, 1, 0));
  expect(spread?.mean.x).toBeCloseTo(4 / 3, 12);
  expect(spread?.mean.y).toBeCloseTo(2 / 3, 12);
  expect(spread?.xx).toBeCloseTo(2 / 9, 12);
  expect(spread?.xy).toBeCloseTo(1 / 9, 12);
});

test('a cut that takes nothing gives the same region, one that takes all gives an empty one', () => {
  expect(clipped(square, 1, 0, 3)).toBe(square);
  expect(clipped(square, 1, 0, -1)).toEqual([]);
  expect(clipped([], 1, 0, 1)).toEqual([]);
  expect(spreadOf([])).toBeUndefined();
});
