import type uPlot from 'uplot';
import { resolvedColor } from './resolve-color.ts';
import type { Series } from './series.ts';

export interface PlotChoices {
  readonly xLabel: string;
  /** A value with its unit. */
  readonly format: (value: number | null) => string;
  readonly formatX?: (value: number) => string;
  readonly isLog?: boolean;
  readonly isXLog?: boolean;
  /** Of the y axis; absent: what the lines need. */
  readonly range?: readonly [number, number];
}

const GRID_PX = 1;
const AXIS_PX = 74;

/** Options of a plot but for its size. `onPointer` hears the index of the x under the pointer, null where it has left. */
export function optionsOf(
  series: readonly Series[],
  { xLabel, format, formatX = String, isLog = false, isXLog = false, range }: PlotChoices,
  onPointer: (index: number | null) => void,
): Omit<uPlot.Options, 'width' | 'height'> {
  const [text, grid] = [resolvedColor('--text-quiet'), resolvedColor('--rule')];
  const axis = {
    stroke: text,
    grid: { stroke: grid, width: GRID_PX },
    ticks: { stroke: grid, width: GRID_PX },
  };
  return {
    legend: { show: false },
    cursor: { y: false, drag: { x: true, y: false } },
    scales: {
      x: { time: false, ...(isXLog ? { distr: 3 as const } : {}) },
      y: {
        ...(isLog ? { distr: 3 as const } : {}),
        ...(range === undefined ? {} : { range: [range[0], range[1]] as uPlot.Range.MinMax }),
      },
    },
    axes: [
      { ...axis, label: xLabel, labelSize: 20, size: 34, values: labelsBy(formatX) },
      { ...axis, size: AXIS_PX, values: labelsBy(format) },
    ],
    series: [
      {},
      ...series.map(({ label, color, isDashed = false }) => ({
        label,
        stroke: resolvedColor(color),
        width: 2,
        spanGaps: true,
        points: { show: false },
        ...(isDashed ? { dash: [6, 4] } : {}),
      })),
    ],
    hooks: { setCursor: [({ cursor }) => onPointer(cursor.idx ?? null)] },
  };
}

/** A logarithmic axis has ticks between its powers of ten, which get no label. */
const labelsBy =
  (format: (value: number) => string): uPlot.Axis.DynamicValues =>
  (_, ticks) =>
    ticks.map((tick: number | null) => (tick === null ? '' : format(tick)));
