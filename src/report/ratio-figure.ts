import { base, type Drawing } from './drawing.ts';
import { estimatorColors } from './energy-figure.ts';
import type { EnergySeries, RatioPoint } from './energy-series.ts';
import { lastOfEach, oneTwoFive, powersOfTen, spreadLabels } from './log-axis.ts';

const LABEL_PX = 14;

/** Each estimator over the matched bound, step by step, with its 95 % band; no point where none can be said. */
export function ratioFigure({ ratio, uncertainRatios }: Omit<EnergySeries, 'energy'>): Drawing {
  const domain = powersOfTen(ratio.map((point) => point.ratio));
  const [floor] = domain;
  const values = ratio.map((point): RatioPoint => ({ ...point, low: Math.max(point.low, floor) }));
  const lastStep = ratio.reduce((most, { step }) => Math.max(most, step), 1);
  const labels = spreadLabels(
    lastOfEach(ratio).map((point) => ({ series: point.series, step: lastStep, value: point.ratio })),
    domain,
    LABEL_PX / base.height,
  );
  const x = {
    field: 'step',
    type: 'quantitative' as const,
    title: 'step',
    scale: { domain: [0, lastStep], nice: false },
    axis: { grid: false },
  };
  const y = (field: 'ratio' | 'low' | 'at') => ({
    field,
    type: 'quantitative' as const,
    title: 'energy over the matched bound',
    scale: { type: 'log' as const, domain: [...domain], nice: false, clamp: true },
    axis: { format: '~e', values: oneTwoFive(domain) },
  });
  const color = {
    field: 'series',
    type: 'nominal' as const,
    scale: { domain: Object.keys(estimatorColors), range: Object.values(estimatorColors) },
    legend: null,
  };
  const leftOut =
    uncertainRatios === 0
      ? ''
      : ` ${uncertainRatios} of ${ratio.length + uncertainRatios} points are left out: their sigma is not below the value.`;
  return {
    id: 'ratio',
    title: 'How many times its bound an update cost',
    caption: `Each estimator over the matched bound, by step, with its 95 % band.${leftOut} The bound of a first update is zero: a step of such has no ratio.`,
    specs: [
      {
        ...base,
        layer: [
          {
            data: { values },
            mark: { type: 'area', opacity: 0.22 },
            encoding: { x, y: y('low'), y2: { field: 'high' }, color },
          },
          {
            data: { values },
            mark: { type: 'line', strokeWidth: 1.6 },
            encoding: { x, y: y('ratio'), color },
          },
          {
            data: { values: labels },
            mark: { type: 'text', align: 'left', dx: 6, fontSize: 12 },
            encoding: { x, y: y('at'), color, text: { field: 'series' } },
          },
        ],
      },
    ],
  };
}
