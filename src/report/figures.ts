import { accuracyFigure } from './accuracy-figure.ts';
import { base, colors, type Drawing, drawAll, type Figure } from './drawing.ts';
import { energyAccuracyFigure } from './energy-accuracy-figure.ts';
import { energyFigure } from './energy-figure.ts';
import type { FigureData } from './figure-data.ts';
import { ratioFigure } from './ratio-figure.ts';
import { waterfallFigure } from './waterfall-figure.ts';
import { waterfallBars } from './waterfall-rows.ts';

/** Draws the figures of one run. */
export const drawFigures = (data: FigureData): Promise<Figure[]> =>
  drawAll([accuracyFigure(data), ...energyFigures(data), sizesFigure(data), weightsFigure(data)]);

/** A run without updates has nothing to show in them. */
function energyFigures({ series, waterfall, accuracyOverEnergy }: FigureData): Drawing[] {
  const bars = waterfallBars('', waterfall);
  return [
    ...(series.energy.length === 0 ? [] : [energyFigure(series.energy)]),
    ...(series.ratio.length === 0 ? [] : [ratioFigure(series)]),
    ...(bars.length === 0 ? [] : [waterfallFigure(bars)]),
    ...(accuracyOverEnergy.some(({ energyFJ }) => energyFJ > 0)
      ? [energyAccuracyFigure(accuracyOverEnergy.map((point) => ({ ...point, series: '' })))]
      : []),
  ];
}

function sizesFigure({ sizes }: FigureData): Drawing {
  return {
    id: 'sizes',
    title: 'Sizes of updates',
    caption: 'Change of the weight between the readings before and after an update, drift included.',
    specs: [
      {
        ...base,
        data: { values: [...sizes] },
        mark: { type: 'bar', binSpacing: 0.5 },
        encoding: {
          x: {
            field: 'changeUV',
            type: 'quantitative',
            bin: { maxbins: 50 },
            title: 'change of the weight (µV)',
          },
          y: { aggregate: 'count', type: 'quantitative', title: 'updates' },
          color: {
            field: 'kind',
            type: 'nominal',
            scale: { domain: ['SET', 'RESET'], range: [colors.blue, colors.orange] },
          },
        },
      },
    ],
  };
}

function weightsFigure({ weights }: FigureData): Drawing {
  return {
    id: 'weights',
    title: 'Weights on the chip',
    caption: 'The last reading of each cell, in the order of the cells.',
    specs: [
      {
        ...base,
        height: 16 * Math.max(weights.length, 4),
        data: { values: [...weights] },
        mark: { type: 'bar' },
        encoding: {
          x: { field: 'weightMV', type: 'quantitative', title: 'weight (mV)' },
          y: { field: 'weight', type: 'nominal', sort: null, title: null, axis: { labelLimit: 300 } },
          color: {
            condition: { test: 'datum.weightMV < 0', value: colors.orange },
            value: colors.blue,
          },
        },
      },
    ],
  };
}
