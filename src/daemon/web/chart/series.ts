/** One line of a chart. */
export interface Series {
  readonly label: string;
  /** Variable of the style sheet. */
  readonly color: string;
  /** One for each x; null where there is none. */
  readonly values: readonly (number | null)[];
  readonly isDashed?: boolean;
}

/** Everything a chart shows. */
export interface ChartData {
  /** Rising. */
  readonly x: readonly number[];
  readonly series: readonly Series[];
}

/** A point of a line with x of its own. */
export interface Point {
  readonly x: number;
  readonly y: number | null;
}

/** Lines with x of their own on the x of all of them. */
export function joined(
  lines: readonly (Omit<Series, 'values'> & { readonly points: readonly Point[] })[],
): ChartData {
  const x = [...new Set(lines.flatMap(({ points }) => points.map((point) => point.x)))].sort(
    (one, other) => one - other,
  );
  const at = new Map(x.map((value, index) => [value, index]));
  return {
    x,
    series: lines.map(({ points, ...line }) => {
      const values = Array<number | null>(x.length).fill(null);
      for (const point of points) values[at.get(point.x) ?? 0] = point.y;
      return { ...line, values };
    }),
  };
}
