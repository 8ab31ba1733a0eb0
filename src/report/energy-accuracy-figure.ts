import { base, type Drawing, seriesColors } from './drawing.ts';
import { FJ_TO_J } from './log-axis.ts';

/** What a run or a policy had spent, and reached, by the end of a step; in the order of its steps. */
export interface EnergyAccuracyPoint {
  readonly series: string;
  readonly energyFJ: number;
  readonly accuracy: number;
}

/** Test accuracy over the energy of all cells until then, a line for each series. */
export function energyAccuracyFigure(points: readonly EnergyAccuracyPoint[]): Drawing {
  const series = [...new Set(points.map((point) => point.series))];
  // A logarithmic axis has no zero: what was known before the first pulse is not on it.
  const values = points
    .filter(({ energyFJ }) => energyFJ > 0)
    .map(({ energyFJ, ...point }, order) => ({ ...point, order, energyJ: energyFJ * FJ_TO_J }));
  return {
    id: 'energy-accuracy',
    title: 'Energy against accuracy',
    caption:
      'Accuracy on the test samples after each step, over what all cells had taken by then: full-cycle, tunneling and free drift. Read-out and board are not in it.',
    specs: [
      {
        ...base,
        data: { values },
        mark: { type: 'line', interpolate: 'step-after', strokeWidth: 1.8 },
        encoding: {
          x: {
            field: 'energyJ',
            type: 'quantitative',
            title: 'energy of all cells until then (J)',
            scale: { type: 'log', nice: false },
            axis: { format: '~s', tickCount: 6, grid: false },
          },
          y: {
            field: 'accuracy',
            type: 'quantitative',
            title: 'test accuracy',
            scale: { zero: false },
            axis: { format: '.0%' },
          },
          order: { field: 'order' },
          color: {
            field: 'series',
            type: 'nominal',
            sort: null,
            scale: { domain: series, range: seriesColors(series.length) },
            ...(series.length === 1 ? { legend: null } : {}),
          },
        },
      },
    ],
  };
}
