import { expect, test } from 'vitest';
import { normalStream } from '../../../mocks/random.ts';

const COUNT = 4000;

function correlation(one: readonly number[], other: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const centered = (values: readonly number[]) => values.map((value) => value - mean(values));
  const dot = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
  const [a, b] = [centered(one), centered(other)];
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

test('first draws tell nothing of those of the next seed, of another purpose, or of the next draw', () => {
  const streams = Array.from({ length: COUNT }, (_, seed) => ({
    mismatch: normalStream(seed, 'mismatch'),
    shot: normalStream(seed, 'shot'),
  }));
  const first = streams.map(({ mismatch }) => mismatch());
  const second = streams.map(({ mismatch }) => mismatch());
  const shot = streams.map((stream) => stream.shot());
  // Five standard errors of a correlation of independent draws.
  const most = 5 / Math.sqrt(COUNT);
  expect(Math.abs(correlation(first.slice(1), first.slice(0, -1)))).toBeLessThan(most);
  expect(Math.abs(correlation(first, shot))).toBeLessThan(most);
  expect(Math.abs(correlation(first, second))).toBeLessThan(most);
  expect(first.reduce((sum, value) => sum + value ** 2, 0) / COUNT).toBeCloseTo(1, 1);
});
