import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joined } from '../../../../src/daemon/web/chart/series.ts';

const points = fc.uniqueArray(
  fc.record({ x: fc.integer({ min: 0, max: 50 }), y: fc.option(fc.integer(), { nil: null }) }),
  { selector: ({ x }) => x },
);

test('lines of their own x are shown on the x of all, each point at its own and nothing where it has none', () => {
  fc.assert(
    fc.property(fc.array(points, { minLength: 1, maxLength: 6 }), (lines) => {
      const { x, series } = joined(
        lines.map((line, index) => ({ label: `${index}`, color: '--series-1', points: line })),
      );
      expect(x).toEqual([...new Set(x)].sort((one, other) => one - other));
      for (const [index, line] of lines.entries()) {
        const known = new Map(line.map((point) => [point.x, point.y]));
        expect(series[index]?.values).toEqual(x.map((at) => known.get(at) ?? null));
      }
    }),
  );
});
