import type { TopLevelSpec } from 'vega-lite';
import { base, colors, type Drawing } from '../drawing.ts';
import type { CellSpread } from './cell-spread.ts';

/** Histograms of the cells beside what the device's description expects. */
export function spreadFigure(spreads: readonly CellSpread[]): Drawing {
  return {
    id: 'spread',
    title: 'Spread of the cells',
    caption: `Good nodes, and as a line the mismatch that the device's description expects, with the sigma of the fits, about the median. Look for a hump as wide as the line: wider is a chip
      with more mismatch than described, two humps are S and R or parts of the array that differ. For k2 the line supposes that the expected spread of rates is all k2's.`,
    specs: spreads.map(histogram),
  };
}

const histogram = ({ name, unit, bins, expected }: CellSpread): TopLevelSpec => {
  const title = unit === '' ? name : `${name} (${unit})`;
  const scale = { zero: false, nice: false };
  return {
    ...base,
    width: 220,
    height: 170,
    layer: [
      {
        data: { values: [...bins] },
        mark: { type: 'bar', color: colors.blue, opacity: 0.75 },
        encoding: {
          x: {
            field: 'from',
            type: 'quantitative',
            bin: { binned: true },
            title,
            scale,
            axis: { tickCount: 4 },
          },
          x2: { field: 'to' },
          y: { field: 'count', type: 'quantitative', title: 'nodes' },
        },
      },
      {
        data: { values: [...expected] },
        mark: { type: 'line', color: colors.orange, strokeWidth: 1.8 },
        encoding: {
          x: { field: 'value', type: 'quantitative', title },
          y: { field: 'count', type: 'quantitative' },
        },
      },
    ],
  };
};
