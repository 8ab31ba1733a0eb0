import { quantity } from '../core/format.ts';
import { base, colors, type Drawing, type Layer, seriesColors } from './drawing.ts';
import { FJ_TO_J, powersOfTen } from './log-axis.ts';

/** One bar: a part of the energy of a run or a policy. */
export interface WaterfallBar {
  readonly series: string;
  readonly part: string;
  readonly energyFJ: number;
  /** A sum of parts above it. */
  readonly isSubtotal?: boolean;
}

const BAR_PX = 17;

/**
 * Parts from the bound down to the total, a bar each from the end of a logarithmic axis; several series stand under each other
 * in each part. A negative part is a hollow bar of its size, a part that is zero has no bar.
 */
export function waterfallFigure(rows: readonly WaterfallBar[]): Drawing {
  const series = [...new Set(rows.map((row) => row.series))];
  const parts = [...new Set(rows.map((row) => row.part))];
  const isSingle = series.length === 1;
  const sizes = rows.map(({ energyFJ }) => Math.abs(energyFJ) * FJ_TO_J).filter((size) => size > 0);
  const [low, high] = powersOfTen(sizes);
  const floor = low / 10;
  const bars = rows.map(({ energyFJ, isSubtotal = false, ...row }) => ({
    ...row,
    floor,
    size: energyFJ === 0 ? floor : Math.abs(energyFJ) * FJ_TO_J,
    label: energyFJ === 0 ? '0' : quantity(energyFJ, 'fJ'),
    isNegative: energyFJ < 0,
    isSubtotal,
  }));
  const color = isSingle
    ? { condition: { test: 'datum.isSubtotal', value: '#333333' }, value: colors.blue }
    : {
        field: 'series',
        type: 'nominal' as const,
        sort: null,
        scale: { domain: series, range: seriesColors(series.length) },
      };
  const y = {
    field: 'part',
    type: 'nominal' as const,
    sort: parts,
    title: null,
    scale: { paddingInner: 0.25 },
    axis: { labelLimit: 200, ticks: false, domain: false },
  };
  const place = {
    y,
    ...(isSingle ? {} : { yOffset: { field: 'series', type: 'nominal' as const, sort: series } }),
  };
  const x = {
    field: 'size',
    type: 'quantitative' as const,
    title: 'energy per update (J)',
    // Room for the label of the longest bar.
    scale: { type: 'log' as const, domain: [floor, high * (high / floor) ** 0.17], nice: false },
    axis: { format: '~s', values: everyThird(floor, high), grid: false },
  };
  const layers: Layer[] = [
    {
      transform: [{ filter: '!datum.isNegative && datum.size > datum.floor' }],
      mark: { type: 'bar' },
      encoding: { ...place, x, x2: { field: 'floor' }, color },
    },
    {
      transform: [{ filter: 'datum.isNegative' }],
      mark: { type: 'bar', filled: false, strokeWidth: 1.6, strokeDash: [4, 2] },
      encoding: { ...place, x, x2: { field: 'floor' }, color },
    },
    {
      mark: { type: 'text', align: 'left', dx: 5, fontSize: 12 },
      encoding: { ...place, x, text: { field: 'label' } },
    },
  ];
  return {
    id: 'waterfall',
    title: 'From the bound to what was measured',
    caption:
      'Where the energy of an update went. Logarithmic: a bar that looks half as long is decades smaller. Dark bars sum what is above them; hollow ones are negative.',
    specs: [
      {
        ...base,
        height: parts.length * (series.length * BAR_PX + 7),
        data: { values: bars },
        layer: layers,
      },
    ],
  };
}

/** SI prefixes are three decades apart. */
function everyThird(from: number, to: number): number[] {
  const first = Math.ceil(Math.round(Math.log10(from)) / 3) * 3;
  const count = Math.floor((Math.round(Math.log10(to)) - first) / 3) + 1;
  return Array.from({ length: count }, (_, index) => Number(`1e${first + 3 * index}`));
}
