import { base, type Drawing } from './drawing.ts';
import { estimatorColors } from './energy-figure.ts';
import type { EnergySeries, RatioPoint } from './energy-series.ts';
import { powersOfTen } from './log-axis.ts';

/** Each estimator over the matched bound, step by step, with its 95 % band; no point where none can be said. */
export function ratioFigure({ ratio, uncertainRatios }: EnergySeries): Drawing {
  const domain = powersOfTen(ratio.map((point) => point.ratio));
  const [floor] = domain;
  const values = ratio.map((point): RatioPoint => ({ ...point, low: Math.max(point.low, floor) }));
  const x = { field: 'step', type: 'quantitative' as const, title: 'step', axis: { grid: false } };
  const y = (field: 'ratio' | 'low') => ({
    field,
    type: 'quantitative' as const,
    title: 'energy over the matched bound',
    scale: { type: 'log' as const, domain: [...domain], nice: false, clamp: true },
    axis: { format: '~e', tickCount: 5 },
  });
  const color = {
    field: 'series',
    type: 'nominal' as const,
    scale: { domain: Object.keys(estimatorColors), range: Object.values(estimatorColors) },
  };
  return {
    id: 'ratio',
    title: 'How many times its bound an update cost',
    caption: `Each estimator over the matched bound, by step, with its 95 % band.${
      uncertainRatios === 0
        ? ''
        : ` ${uncertainRatios} points are left out: their sigma is not below the value.`
    } The bound of a first update is zero, so its step has no ratio.`,
    specs: [
      {
        ...base,
        data: { values },
        layer: [
          {
            mark: { type: 'area', opacity: 0.22, clip: true },
            encoding: { x, y: y('low'), y2: { field: 'high' }, color },
          },
          { mark: { type: 'line', strokeWidth: 1.6 }, encoding: { x, y: y('ratio'), color } },
        ],
      },
    ],
  };
}
