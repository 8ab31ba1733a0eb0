import type { Tunneling } from '../../../calibration/physics/tunneling.ts';
import { base, colors, type Drawing, type Layer } from '../drawing.ts';
import { type FieldPoint, lineLnDensity, type OxideArea } from './field-points.ts';
import { thinned } from './statistics.ts';

const MOST_MARKS = 400;
const LINES = { theory: 'theory of the oxide', fit: 'median fit' };

/** The Fowler-Nordheim plot, and below it how far each point is from the line of the median fit. */
export function fieldFigure(
  points: readonly FieldPoint[],
  {
    theory,
    fitted,
    oxide,
  }: { readonly theory: Tunneling; readonly fitted: Tunneling; readonly oxide: OxideArea },
): Drawing {
  const methods = ['free decay', 'pulse'] as const;
  const marks = methods
    .flatMap((method) => {
      const own = points.filter((point) => point.method === method);
      return thinned(
        own.sort((left, right) => left.perV - right.perV),
        MOST_MARKS / methods.length,
      );
    })
    .map((point) => ({ ...point, offRel: offLine(point, fitted, oxide) }));
  const ends = endsOf(points.map(({ perV }) => perV));
  const lines = ends.flatMap((perV) => [
    { perV, series: LINES.theory, lnDensity: lineLnDensity(perV, theory, oxide), offRel: null },
    { perV, series: LINES.fit, lnDensity: lineLnDensity(perV, fitted, oxide), offRel: 0 },
  ]);
  const x = { field: 'perV', type: 'quantitative', scale: { zero: false, nice: false, padding: 6 } } as const;
  const color = {
    field: 'series',
    type: 'nominal',
    scale: {
      domain: ['free decay', 'pulse', LINES.theory, LINES.fit],
      range: [colors.blue, colors.orange, '#000000', colors.green],
    },
    legend: { columns: 2 },
  } as const;
  const layers = (field: 'lnDensity' | 'offRel', xTitle: string | null, yOptions: object): Layer[] => {
    const y = { field, type: 'quantitative', ...yOptions } as const;
    return [
      {
        data: { values: lines.filter((line) => line[field] !== null) },
        mark: { type: 'line', strokeWidth: 1.6 },
        encoding: {
          x: { ...x, title: xTitle },
          y,
          color,
          strokeDash: {
            condition: { test: `datum.series === '${LINES.theory}'`, value: [6, 3] },
            value: [1, 0],
          },
        },
      },
      {
        data: { values: marks.map(({ method, ...point }) => ({ ...point, series: method })) },
        mark: { type: 'point', filled: true, size: 14, opacity: 0.6 },
        encoding: { x: { ...x, title: xTitle }, y, color },
      },
    ];
  };
  const drawn = points.length > marks.length ? ` ${marks.length} of ${points.length} points are drawn.` : '';
  return {
    id: 'fowler-nordheim',
    title: 'Fowler-Nordheim plot',
    caption: `Look for one straight line over free decay and pulses: its slope is -k2. J is C_T |dV/dt| over the tunneling area, so a wrong C_T or area shifts
      all points alike. Below, current over that of the median fit: single nodes differ by their mismatch, a bend would be another mechanism (trapping,
      leakage), and a step between free decay and pulses a wrong coupling ratio. The theory line is as good as thickness and area of the oxide are known.${drawn}`,
    specs: [
      {
        $schema: base.$schema,
        background: base.background,
        config: base.config,
        vconcat: [
          {
            width: base.width,
            height: 240,
            layer: layers('lnDensity', null, { title: 'ln(J / V²), J in A/m²', scale: { zero: false } }),
          },
          {
            width: base.width,
            height: 110,
            layer: layers('offRel', '1/V of the oxide (1/V)', {
              title: 'over median fit',
              axis: { format: '+.0%', tickCount: 5 },
            }),
          },
        ],
      },
    ],
  };
}

/** Current of a point over that of the line, less one. */
const offLine = ({ perV, lnDensity }: FieldPoint, line: Tunneling, oxide: OxideArea): number =>
  Math.expm1(lnDensity - lineLnDensity(perV, line, oxide));

const endsOf = (values: readonly number[]): number[] =>
  values.length === 0
    ? []
    : [
        values.reduce((least, value) => Math.min(least, value)),
        values.reduce((most, value) => Math.max(most, value)),
      ];
