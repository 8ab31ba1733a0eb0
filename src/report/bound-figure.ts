import type { BoundAssumptions } from '../../calibration/bounds/assumptions.ts';
import { publishedBand } from '../../calibration/bounds/published-band.ts';
import { updatesPerParameter } from '../../calibration/bounds/training-load.ts';
import { updateBoundNames } from '../../calibration/bounds/update-bounds.ts';
import { plain } from '../core/format.ts';
import type { AskedTraining } from './bound-comparison.ts';
import {
  type BoundFigureData,
  boundFigureData,
  type MeasuredUpdate,
  type ModelPoint,
  type SizePoint,
} from './bound-figure-data.ts';
import { base, boundColors, colors, type Drawing, type Layer } from './drawing.ts';

const WIDTH = 640;
const HEIGHT = 460;

const color = {
  field: 'series',
  type: 'nominal',
  scale: { domain: Object.keys(boundColors), range: Object.values(boundColors) },
} as const;

/** Energy against model size under every bound, and below it what an update of each model costs at least. Throws RangeError. */
export function boundFigure(
  training: AskedTraining,
  assumptions: BoundAssumptions,
  chip?: MeasuredUpdate,
): Drawing {
  const data = boundFigureData(training, assumptions, chip);
  const perParameter = updatesPerParameter(training);
  return {
    id: 'bounds',
    title: 'Least energy of a training',
    caption: '',
    specs: [
      {
        $schema: base.$schema,
        background: 'white',
        padding: 12,
        config: base.config,
        title: {
          text: 'Least energy of a training against model size',
          subtitle: [
            `Lines: ${plain(perParameter)} updates a parameter, as of ${training.title}; ${assumptions.bits} bits, ${assumptions.temperatureK} K. Rings: models at their own number of updates (matched).`,
            `Bar: published band for 1e15 parameters (${publishedBand.source}); its OPS is not published, 1e28 is assumed.`,
          ],
          anchor: 'start',
          fontSize: 15,
          subtitleFontSize: 11,
          subtitlePadding: 4,
        },
        vconcat: [
          { width: WIDTH, height: HEIGHT, layer: sizeLayers(data) },
          { width: WIDTH, height: { step: 20 }, layer: updateLayers(data) },
        ],
      },
    ],
  };
}

function sizeLayers(data: BoundFigureData): Layer[] {
  const everyJ = [...data.bounds, ...data.accelerators, ...data.chip, ...data.models].map(
    ({ totalJ }) => totalJ,
  );
  const energies = [powerBelow(everyJ), powerAbove(everyJ)] as const;
  const logarithmic = (domain: readonly [number, number], every: number) => ({
    scale: { type: 'log' as const, domain: [...domain], nice: false },
    axis: { format: '~e', values: decades(domain, every) },
  });
  const x = {
    ...logarithmic(data.parameters, 1),
    field: 'parameters',
    type: 'quantitative' as const,
    title: 'parameters of the model',
  };
  const y = {
    ...logarithmic(energies, 2),
    field: 'totalJ',
    type: 'quantitative' as const,
    title: 'energy of the training (J)',
  };
  const matched = data.models.filter(({ series }) => series === 'matched');
  const [from] = data.parameters;
  const angle = 360 - slopeDegrees(data.parameters, energies);
  /** Named along the line, where it begins. */
  const slopedLine = (
    points: readonly SizePoint[],
    nameIs: 'over' | 'under',
    line: { readonly color: string; readonly strokeWidth: number; readonly strokeDash?: number[] },
  ): Layer[] => [
    {
      data: { values: [...points] },
      mark: { type: 'line', ...line },
      encoding: { x, y, detail: { field: 'series' } },
    },
    {
      data: { values: points.filter(({ parameters }) => parameters === from) },
      mark: {
        type: 'text',
        align: 'left',
        ...(nameIs === 'over' ? { baseline: 'bottom', dx: 8, dy: -3 } : { baseline: 'top', dx: 12, dy: 3 }),
        angle,
        color: line.color,
        fontSize: 12,
      },
      encoding: { x, y, text: { field: 'series' } },
    },
  ];
  return [
    ...slopedLine(data.accelerators, 'over', { color: colors.gray, strokeWidth: 1.4, strokeDash: [7, 4] }),
    ...slopedLine(data.chip, 'under', { color: colors.amber, strokeWidth: 2.4 }),
    {
      data: {
        values: [
          { parameters: publishedBand.parameters, totalJ: publishedBand.minJ, maxJ: publishedBand.maxJ },
        ],
      },
      mark: { type: 'rule', strokeWidth: 14, opacity: 0.45, color: colors.orange },
      encoding: { x, y, y2: { field: 'maxJ' } },
    },
    {
      data: { values: [{ parameters: publishedBand.parameters, totalJ: publishedBand.minJ }] },
      mark: {
        type: 'text',
        align: 'left',
        baseline: 'top',
        dx: 6,
        dy: 4,
        fontSize: 12,
        color: colors.orange,
      },
      encoding: { x, y, text: { value: 'published' } },
    },
    {
      data: { values: [...data.bounds] },
      mark: { type: 'line', strokeWidth: 1.6 },
      encoding: { x, y, color },
    },
    {
      data: { values: matched },
      mark: { type: 'point', size: 42, color: '#000000', fill: 'white', strokeWidth: 1.6, opacity: 1 },
      encoding: { x, y },
    },
    ...nameLayers(matched, true, { x, y }),
    ...nameLayers(matched, false, { x, y }),
  ];
}

/** Names of models on either side of the trend, away from it; a white edge keeps them readable over lines. */
function nameLayers(
  models: readonly ModelPoint[],
  isAboveTrend: boolean,
  place: { readonly x: object; readonly y: object },
): Layer[] {
  const side = isAboveTrend
    ? ({ align: 'right', baseline: 'bottom', dx: -6, dy: -6 } as const)
    : ({ align: 'left', baseline: 'top', dx: 6, dy: 6 } as const);
  return [{ stroke: 'white', strokeWidth: 4 }, {}].map((edge) => ({
    data: { values: models.filter((model) => model.isAboveTrend === isAboveTrend) },
    mark: { type: 'text', ...side, fontSize: 12, ...edge },
    encoding: { ...place, text: { field: 'model' } },
  }));
}

/** Powers of ten within a domain whose ends are such. */
function decades([from, to]: readonly [number, number], every: number): number[] {
  const first = Math.round(Math.log10(from));
  const count = Math.floor((Math.round(Math.log10(to)) - first) / every) + 1;
  return Array.from({ length: count }, (_, index) => 10 ** (first + every * index));
}

/** Angle on the page of a line that rises one decade a decade. */
function slopeDegrees(
  parameters: BoundFigureData['parameters'],
  energies: readonly [number, number],
): number {
  const decades = ([from, to]: readonly [number, number]) => Math.log10(to / from);
  return (Math.atan2(HEIGHT / decades(energies), WIDTH / decades(parameters)) * 180) / Math.PI;
}

function updateLayers(data: BoundFigureData): Layer[] {
  const models = data.models.filter(({ series }) => updateBoundNames.some((name) => name === series));
  const eachKT = models.map(({ perUpdateKT }) => perUpdateKT);
  const domain = [powerBelow(eachKT), powerAbove(eachKT)] as const;
  return [
    {
      data: { values: [...models] },
      mark: { type: 'point', filled: true, size: 60, opacity: 0.9 },
      encoding: {
        x: {
          field: 'perUpdateKT',
          type: 'quantitative',
          title: 'least energy of an update (kT), each model at its own number of updates',
          scale: { type: 'log', domain: [...domain], nice: false },
          axis: { format: '~e', values: decades(domain, 1) },
        },
        y: {
          field: 'model',
          type: 'nominal',
          sort: { field: 'parameters' },
          title: null,
          axis: { grid: true, labelLimit: 200 },
        },
        color,
      },
    },
  ];
}

const powerBelow = (values: readonly number[]): number =>
  10 ** Math.floor(Math.log10(values.reduce((least, value) => Math.min(least, value))));

const powerAbove = (values: readonly number[]): number =>
  10 ** Math.ceil(Math.log10(values.reduce((most, value) => Math.max(most, value))));
