import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { isDark } from '../shell/theme.tsx';
import { optionsOf, type PlotChoices } from './plot-options.ts';
import type { ChartData } from './series.ts';

interface ChartParts extends PlotChoices {
  readonly title: string;
  readonly data: ChartData;
}

const HEIGHT_PX = 260;

/** Lines over steps or energy, with a legend that tells the values under the pointer, or the last ones. */
export function Chart({ title, data, ...choices }: ChartParts) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const [under, setUnder] = useState<number | null>(null);
  const dark = isDark();
  const labels = data.series.map(({ label }) => label).join();

  // Drawn anew when the lines or the colors are others; points are only handed over.
  useEffect(() => {
    const parent = place.current;
    if (parent === null) return;
    const drawn = new uPlot(
      { ...optionsOf(data.series, choices, setUnder), width: parent.clientWidth, height: HEIGHT_PX },
      aligned(data),
      parent,
    );
    plot.current = drawn;
    const observer = new ResizeObserver(() =>
      drawn.setSize({ width: parent.clientWidth, height: HEIGHT_PX }),
    );
    observer.observe(parent);
    return () => {
      observer.disconnect();
      drawn.destroy();
    };
  }, [labels, dark, choices.isLog, choices.xLabel]);
  useEffect(() => plot.current?.setData(aligned(data)), [data]);

  const at = under === null || under >= data.x.length ? data.x.length - 1 : under;
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <div ref={place} class="plot" role="img" aria-label={`${title}. ${inWords(data, choices, at)}`} />
      <ul class="legend">
        {data.series.map(({ label, color, values, isDashed = false }) => (
          <li key={label}>
            <span
              class={isDashed ? 'line dashed' : 'line'}
              style={{ color: `var(${color})` }}
              aria-hidden="true"
            />
            {label} <b>{choices.format(lastUpTo(values, at))}</b>
          </li>
        ))}
        {at >= 0 && (
          <li>
            {choices.xLabel} <b>{(choices.formatX ?? String)(data.x[at] ?? 0)}</b>
          </li>
        )}
      </ul>
    </figure>
  );
}

const aligned = ({ x, series }: ChartData): uPlot.AlignedData => [
  [...x],
  ...series.map(({ values }) => [...values]),
];

/** Lines with x of their own have no value at most of the others. */
function lastUpTo(values: readonly (number | null)[], at: number): number | null {
  for (let index = at; index >= 0; index -= 1) {
    const value = values[index];
    if (value != null) return value;
  }
  return null;
}

const inWords = ({ series }: ChartData, { format }: PlotChoices, at: number): string =>
  series.map(({ label, values }) => `${label} ${format(lastUpTo(values, at))}`).join(', ');
