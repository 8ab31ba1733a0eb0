import { base, type Drawing, seriesColors } from './drawing.ts';
import { FJ_TO_J } from './log-axis.ts';

/** What it cost, and how long it took on the board, to reach the same with one setting. */
export interface EnergySpeedPoint {
  readonly series: string;
  /** The setting, such as a pulse width. */
  readonly label: string;
  readonly energyFJ: number;
  readonly sigmaFJ: number;
  readonly boardTimeS: number;
}

const TWO_SIDED_95 = 1.96;

/** Energy over board time on logarithmic axes, a mark for each setting with its 95 % interval, a line for each series. */
export function energySpeedFigure(points: readonly EnergySpeedPoint[]): Drawing {
  const series = [...new Set(points.map((point) => point.series))];
  const values = points.map(({ energyFJ, sigmaFJ, ...point }) => {
    const halfWidthFJ = TWO_SIDED_95 * sigmaFJ;
    return {
      ...point,
      energyJ: energyFJ * FJ_TO_J,
      // A logarithmic axis has no zero: an interval that reaches it ends a decade below its value.
      lowJ: Math.max(energyFJ - halfWidthFJ, energyFJ / 10) * FJ_TO_J,
      highJ: (energyFJ + halfWidthFJ) * FJ_TO_J,
    };
  });
  const x = {
    field: 'boardTimeS',
    type: 'quantitative' as const,
    title: 'time on the board (s)',
    scale: { type: 'log' as const, padding: 24 },
    axis: { format: '~s', tickCount: 5, grid: false },
  };
  const y = (field: 'energyJ' | 'lowJ') => ({
    field,
    type: 'quantitative' as const,
    title: 'energy of all cells (J)',
    scale: { type: 'log' as const, padding: 16 },
    axis: { format: '~s', tickCount: 5 },
  });
  const color = {
    field: 'series',
    type: 'nominal' as const,
    sort: null,
    scale: { domain: series, range: seriesColors(series.length) },
    ...(series.length === 1 ? { legend: null } : {}),
  };
  return {
    id: 'energy-speed',
    title: 'Energy against speed',
    caption:
      'What reaching the same took of cells and board, a mark for each setting, with its 95 % interval.',
    specs: [
      {
        ...base,
        data: { values },
        layer: [
          { mark: { type: 'line', strokeWidth: 1.2, opacity: 0.6 }, encoding: { x, y: y('energyJ'), color } },
          {
            mark: { type: 'rule', strokeWidth: 1.6 },
            encoding: { x, y: y('lowJ'), y2: { field: 'highJ' }, color },
          },
          {
            mark: { type: 'point', filled: true, size: 55, opacity: 1 },
            encoding: { x, y: y('energyJ'), color },
          },
          {
            mark: { type: 'text', align: 'left', baseline: 'bottom', dx: 6, dy: -3, fontSize: 12 },
            encoding: { x, y: y('energyJ'), color, text: { field: 'label' } },
          },
        ],
      },
    ],
  };
}
