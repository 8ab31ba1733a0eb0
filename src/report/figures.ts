import type { TopLevelSpec } from 'vega-lite';
import type { FigureData } from './figure-data.ts';

/** A figure of a report: an SVG with its title and what it shows. */
export interface Figure {
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly svg: string;
}

const WIDTH = 460;
const HEIGHT = 260;

/** Color-blind safe (Okabe and Ito). */
const colors = { blue: '#0072b2', orange: '#d55e00', green: '#009e73', purple: '#a04a80', gray: '#666666' };

const energySeries = {
  'full-cycle': colors.blue,
  'half-cv2': colors.orange,
  tunneling: colors.green,
  'landauer bound': colors.gray,
  'matched bound': '#000000',
};

/** Draws the figures of one run. */
export async function drawFigures(data: FigureData): Promise<Figure[]> {
  const figures = [accuracyFigure(data), energyFigure(data), sizesFigure(data), weightsFigure(data)];
  return Promise.all(figures.map(async ({ spec, ...figure }) => ({ ...figure, svg: await drawSvg(spec) })));
}

/** Vega is loaded when something is drawn: it would take a third of the start of every command. */
async function drawSvg(spec: TopLevelSpec): Promise<string> {
  const { parse, View } = await import('vega');
  const { compile } = await import('vega-lite');
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

interface Drawing extends Omit<Figure, 'svg'> {
  readonly spec: TopLevelSpec;
}

const base = {
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  width: WIDTH,
  height: HEIGHT,
  background: 'transparent',
  config: {
    font: 'system-ui, sans-serif',
    axis: { labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal', gridColor: '#e4e4e4' },
    legend: { labelFontSize: 12, orient: 'top', title: null, symbolStrokeWidth: 3 },
    view: { stroke: null },
  },
} as const;

function accuracyFigure({ accuracy }: FigureData): Drawing {
  return {
    id: 'accuracy',
    title: 'Accuracy over steps',
    caption: 'Share of samples classified rightly by the weights read back from the chip after each step.',
    spec: {
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
  };
}

function energyFigure({ energy }: FigureData): Drawing {
  return {
    id: 'energy',
    title: 'Energy per update and its lower bounds',
    caption:
      'Mean over the updates of each step: three estimators of what an update cost, and below them the least it could have cost.',
    spec: {
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
  };
}

function sizesFigure({ sizes }: FigureData): Drawing {
  return {
    id: 'sizes',
    title: 'Sizes of updates',
    caption: 'Change of the weight between the readings before and after an update, drift included.',
    spec: {
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
  };
}

function weightsFigure({ weights }: FigureData): Drawing {
  return {
    id: 'weights',
    title: 'Weights on the chip',
    caption: 'The last reading of each cell, in the order of the cells.',
    spec: {
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
  };
}
