import { describe, expect, test } from 'vitest';
import { geometricInterval, intervalOf, shareInterval } from '../../../src/comparing/interval.ts';

describe('the interval of a mean over runs', () => {
  test("is Student's: 2.776 standard errors for five runs", () => {
    const { mean, low, high, count } = intervalOf([1, 2, 3, 4, 5]) ?? {};
    expect({ mean, count }).toEqual({ mean: 3, count: 5 });
    const half = 2.776445 * Math.sqrt(2.5 / 5);
    expect(low).toBeCloseTo(3 - half, 5);
    expect(high).toBeCloseTo(3 + half, 5);
  });

  test('is wider by what all runs may be off by together, and is all of it for one run', () => {
    const { low = 0, high = 0 } = intervalOf([1, 1, 1], 0.1) ?? {};
    expect([low, high]).toEqual([expect.closeTo(1 - 0.1959964, 6), expect.closeTo(1 + 0.1959964, 6)]);
    expect(intervalOf([1], 0.1)).toMatchObject({ low, high });
    expect(intervalOf([1])).toEqual({ mean: 1, low: null, high: null, count: 1 });
    expect(intervalOf([])).toBeUndefined();
  });

  test('of ratios does not depend on which of both is the reference', () => {
    const ratios = [1.2, 0.9, 1.5];
    const one = geometricInterval(ratios);
    const other = geometricInterval(ratios.map((ratio) => 1 / ratio));
    expect(one?.mean).toBeCloseTo(1 / (other?.mean ?? 0), 12);
    expect(one?.low).toBeCloseTo(1 / (other?.high ?? 0), 12);
    expect(one?.low).toBeGreaterThan(0);
  });

  test('of shares ends where shares do', () => {
    expect(shareInterval([0.99, 0.9])).toMatchObject({ mean: expect.closeTo(0.945, 9), high: 1 });
    expect(shareInterval([0.5, 0.5, 0.5])).toMatchObject({ low: 0.5, high: 0.5 });
  });
});
