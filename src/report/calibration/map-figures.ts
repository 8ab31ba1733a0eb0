import type { TopLevelSpec } from 'vega-lite';
import { base, colors, type Drawing, type Layer } from '../drawing.ts';
import { type MapNode, verdictLetters } from './array-map.ts';

export const VERDICT_MAP = 'map-verdict';
const MAP_WIDTH = 200;
const MAP_HEIGHT = 420;

/** Maps over the array, S and R side by side. */
export function mapFigures(
  nodes: readonly MapNode[],
  { rows, columns }: { readonly rows: number; readonly columns: number },
  nodeV: number,
): Drawing[] {
  const size = sizeOf(rows, columns);
  const letters = Object.entries(verdictLetters)
    .filter(([verdict, letter]) => letter !== '' && nodes.some((node) => node.verdict === verdict))
    .map(([verdict, letter]) => `${letter} ${verdict}`)
    .join(', ');
  const masked = letters === '' ? '' : ` Masked nodes are gray: ${letters}.`;
  const place = 'S is left, R right; cell = row × columns + column.';
  const map = (field: keyof MapNode, scheme: string, format: string, middle?: number): TopLevelSpec => ({
    ...mapBase(nodes, size),
    spec: {
      ...size,
      layer: [
        {
          transform: [{ filter: `datum.${field} === null` }],
          mark: { type: 'rect', color: colors.light },
          encoding: places(rows, columns),
        },
        {
          transform: [{ filter: `datum.${field} !== null` }],
          mark: { type: 'rect' },
          encoding: {
            ...places(rows, columns),
            color: {
              field,
              type: 'quantitative',
              scale: {
                scheme,
                zero: false,
                ...(middle === undefined ? {} : { domainMid: middle }),
              } as object,
              legend: { format, gradientLength: 200, tickCount: 4 },
            },
          },
        },
        lettersLayer(rows, columns),
      ],
    },
  });
  return [
    {
      id: 'map-k2',
      title: 'k2 over the array (V)',
      caption: `Look for gradients and edges, which come from the oxide's thickness; noise without a pattern is mismatch. ${place}${masked}`,
      specs: [map('k2V', 'viridis', '.2f')],
    },
    {
      id: 'map-rate',
      title: `Rate of free decay at ${nodeV.toFixed(1)} V over the median`,
      caption: `What mismatch makes of training: cells whose S and R differ here drift by themselves. ${place}${masked}`,
      specs: [map('rateRel', 'blueorange', '.2f', 1)],
    },
    {
      id: 'map-coupling',
      title: 'Coupling ratio (eta) over the array',
      caption: `Share of a pulse that reaches the node. Whole rows or columns that differ point at the lines, not at the cells. ${place}${masked}`,
      specs: [map('couplingRel', 'viridis', '.4f')],
    },
    {
      id: VERDICT_MAP,
      title: 'Verdicts over the array',
      caption: `Masked nodes in clusters or along a line point at a defect of the array or of its lines. ${place}${masked}`,
      specs: [
        {
          ...mapBase(nodes, size),
          spec: {
            ...size,
            layer: [
              {
                mark: { type: 'rect' },
                encoding: {
                  ...places(rows, columns),
                  color: {
                    condition: { test: "datum.verdict === 'good'", value: '#a8d5c5' },
                    value: colors.light,
                  },
                },
              },
              lettersLayer(rows, columns),
            ],
          },
        },
      ],
    },
  ];
}

/** Side of a cell's rectangle so that the map has about that length; never too small for a letter. */
const sideOf = (count: number, length: number): number =>
  Math.max(9, Math.min(24, Math.floor(length / count)));

const sizeOf = (rows: number, columns: number) => ({
  width: sideOf(columns, MAP_WIDTH) * columns,
  height: sideOf(rows, MAP_HEIGHT) * rows,
});

const mapBase = (nodes: readonly MapNode[], size: ReturnType<typeof sizeOf>) => ({
  $schema: base.$schema,
  background: base.background,
  config: base.config,
  data: { values: [...nodes] },
  facet: { column: { field: 'kind', type: 'nominal' as const, sort: ['S', 'R'], title: null } },
  spacing: size.width > MAP_WIDTH ? 10 : 24,
});

const ticks = (count: number) => {
  const step = Math.max(1, 2 ** Math.ceil(Math.log2(count / 16)));
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => index * step);
};

const places = (rows: number, columns: number) =>
  ({
    x: {
      field: 'column',
      type: 'ordinal',
      title: 'column',
      scale: { paddingInner: 0.06 },
      axis: { labelAngle: 0, ticks: false, domain: false, values: ticks(columns) },
    },
    y: {
      field: 'row',
      type: 'ordinal',
      title: 'row',
      scale: { paddingInner: 0.06 },
      axis: { ticks: false, domain: false, values: ticks(rows) },
    },
  }) as const;

const lettersLayer = (rows: number, columns: number): Layer => ({
  transform: [{ filter: "datum.letter !== ''" }],
  mark: { type: 'text', fontSize: 9, fontWeight: 'bold', color: '#1b1b1b' },
  encoding: { ...places(rows, columns), text: { field: 'letter', type: 'nominal' } },
});
