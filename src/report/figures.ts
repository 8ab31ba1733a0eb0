import { base, colors, type Drawing, drawAll, type Figure } from './drawing.ts';
import type { FigureData } from './figure-data.ts';

const energySeries = {
  'full-cycle': colors.blue,
  'half-cv2': colors.orange,
  tunneling: colors.green,
  'landauer bound': colors.gray,
  'matched bound': '#000000',
};

/** Draws the figures of one run. */
export const drawFigures = (data: FigureData): Promise<Figure[]> =>
  drawAll([accuracyFigure(data), energyFigure(data), sizesFigure(data), weightsFigure(data)]);

function accuracyFigure({ accuracy }: FigureData): Drawing {
  return {
    id: 'accuracy',
    title: 'Accuracy over steps',
    caption: 'Share of samples classified rightly by the weights read back from the chip after each step.',
    specs: [
      {
        ...base,
        data: { values: [...accuracy] },
        mark: { type: 'line', interpolate: 'step-after', strokeWidth: 1.8 },
        encoding: {
          x: { field: 'step', type: 'quantitative', title: 'step' },
          y: {
            field: 'accuracy',
            type: 'quantitative',
            title: 'accuracy',
            scale: { zero: false },
            axis: { format: '.0%' },
          },
          color: {
            field: 'part',
            type: 'nominal',
            scale: { domain: ['train', 'test'], range: [colors.blue, colors.orange] },
          },
        },
      },
    ],
  };
}

function energyFigure({ energy }: FigureData): Drawing {
  return {
    id: 'energy',
    title: 'Energy per update and its lower bounds',
    caption:
      'Mean over the updates of each step: three estimators of what an update cost, and below them the least it could have cost.',
    specs: [
      {
        ...base,
        data: { values: [...energy] },
        mark: { type: 'line', strokeWidth: 1.8 },
        encoding: {
          x: { field: 'step', type: 'quantitative', title: 'step' },
          y: {
            field: 'energyFJ',
            type: 'quantitative',
            title: 'energy per update (fJ)',
            scale: { type: 'log' },
            axis: { format: '~e', tickCount: 8 },
          },
          color: {
            field: 'series',
            type: 'nominal',
            scale: { domain: Object.keys(energySeries), range: Object.values(energySeries) },
            legend: { columns: 3 },
          },
          strokeDash: {
            condition: { test: "indexof(datum.series, 'bound') > 0", value: [5, 3] },
            value: [1, 0],
          },
        },
      },
    ],
  };
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
