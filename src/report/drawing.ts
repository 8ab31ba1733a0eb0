import type { TopLevelSpec } from 'vega-lite';
import type { BoundName } from '../../calibration/bounds/training-bounds.ts';

/** A figure of a page: SVG with its title and what to look for in it. */
export interface Figure {
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  /** One drawing, or several that stand side by side where there is room. */
  readonly svg: string;
}

/** A figure before it is drawn. */
export interface Drawing extends Omit<Figure, 'svg'> {
  readonly specs: readonly TopLevelSpec[];
}

/** One layer of a drawing. */
export type Layer = Extract<TopLevelSpec, { readonly layer: unknown }>['layer'][number];

/** Color-blind safe (Okabe and Ito). */
export const colors = {
  blue: '#0072b2',
  orange: '#d55e00',
  green: '#009e73',
  purple: '#a04a80',
  amber: '#b37700',
  gray: '#666666',
  light: '#d0d0d0',
};

/** Of lower bounds, wherever they are drawn. */
export const boundColors: Readonly<Record<BoundName, string>> = {
  'finite-rate': colors.orange,
  static: colors.purple,
  matched: '#000000',
  landauer: colors.blue,
  recycled: colors.green,
  precision: '#9a9a9a',
};

const SERIES = [colors.blue, colors.orange, colors.green, colors.purple, '#e69f00', '#56b4e9', '#000000'];

/** Colors of so many runs or policies side by side. */
export const seriesColors = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => SERIES[index % SERIES.length] ?? colors.gray);

/** What all drawings have in common. */
export const base = {
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  width: 460,
  height: 260,
  background: 'white',
  config: {
    aria: false,
    font: 'system-ui, sans-serif',
    axis: { labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal', gridColor: '#e4e4e4' },
    legend: { labelFontSize: 12, labelLimit: 300, orient: 'top', title: null, symbolStrokeWidth: 3 },
    header: { labelFontSize: 12 },
    view: { stroke: null },
  },
} as const;

/** Draws figures as SVG; no browser is needed. */
export function drawAll(drawings: readonly Drawing[]): Promise<Figure[]> {
  return Promise.all(
    drawings.map(async ({ specs, ...figure }) => ({
      ...figure,
      svg: (await Promise.all(specs.map((spec, index) => drawSvg(spec, `${figure.id}-${index}`)))).join('\n'),
    })),
  );
}

/** Vega is loaded when something is drawn: it would take a third of the start of every command. */
async function drawSvg(spec: TopLevelSpec, name: string): Promise<string> {
  const { parse, View } = await import('vega');
  const { compile } = await import('vega-lite');
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  try {
    return withOwnIds(await view.toSVG(), name);
  } finally {
    view.finalize();
  }
}

/** Vega counts gradients and clips over the life of the process; named by the drawing, the same data give the same page. */
function withOwnIds(svg: string, name: string): string {
  const ids = new Map<string, string>();
  return svg.replaceAll(/( id="|url\(#)(\w+)/g, (_, before: string, id: string) => {
    const own = ids.get(id) ?? `${name}-${ids.size}`;
    ids.set(id, own);
    return before + own;
  });
}
