/** One measured case; shares are fractions of 1. */
export type Row = Readonly<Record<string, string | number>>;

/** How one value of a row is shown in the table; the JSON line has all values as they are. */
export interface Column {
  readonly head: string;
  show(row: Row): string;
}

export interface Findings {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

/** How much to measure with; each benchmark has a default. */
export interface Size {
  readonly updates?: number | undefined;
  readonly minutes?: number | undefined;
}

/** Measures something beside a baseline of the same run. It asserts nothing: figures are for people to judge. */
export interface Benchmark {
  readonly name: string;
  readonly summary: string;
  /** `note` takes a line on what goes on. */
  run(note: (line: string) => void, size?: Size): Promise<Findings>;
}

/** A number with as many digits behind the point. */
export const number = (head: string, key: string, digits: number): Column => ({
  head,
  show: (row) =>
    Number(row[key]).toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }),
});

/** A share as a percentage; a dash where there is none. */
export const share = (head: string, key: string): Column => ({
  head,
  show: (row) => (row[key] === undefined ? '-' : `${(100 * Number(row[key])).toFixed(1)} %`),
});

export const text = (head: string, key: string): Column => ({ head, show: (row) => String(row[key]) });
