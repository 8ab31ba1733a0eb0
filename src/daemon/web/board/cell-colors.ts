import type { CellStatus } from '../../lab.ts';

/** What a map of the array can show of each cell. */
export interface CellQuantity {
  readonly label: string;
  /** Null where it is not known. */
  readonly of: (cell: CellStatus) => number | null;
  readonly format: (value: number) => string;
  /** Both signs, with zero in the middle of the colors. */
  readonly isSigned?: boolean;
}

export const cellQuantities = {
  weight: {
    label: 'weight',
    of: ({ weightV }) => weightV,
    format: (value) => `${(1e3 * value).toFixed(3)} mV`,
    isSigned: true,
  },
  charge: {
    label: 'charge tunneled by pulses',
    of: ({ chargeFC }) => chargeFC,
    format: (value) => `${value.toPrecision(3)} fC`,
  },
  pulses: { label: 'pulses', of: ({ pulses }) => pulses, format: (value) => value.toFixed(0) },
  budget: {
    label: 'lifetime budget used',
    of: ({ budgetUsedRel }) => budgetUsedRel,
    format: (value) => `${(100 * value).toPrecision(3)} %`,
  },
} as const satisfies Readonly<Record<string, CellQuantity>>;

/** Ends of the scale of colors: around zero where both signs occur, else from zero. */
export function scaleOf(
  quantity: CellQuantity,
  cells: readonly CellStatus[],
): readonly [low: number, high: number] {
  const most = cells.reduce((found, cell) => Math.max(found, Math.abs(quantity.of(cell) ?? 0)), 0);
  const high = most === 0 ? 1 : most;
  return [quantity.isSigned === true ? -high : 0, high];
}

type Rgb = readonly [red: number, green: number, blue: number];

/** Told apart by those who do not see all colors: dark to light, blue to orange through white. */
const RISING: readonly Rgb[] = [
  [13, 8, 135],
  [126, 3, 168],
  [204, 71, 120],
  [248, 149, 64],
  [240, 249, 33],
];
const SIGNED: readonly Rgb[] = [
  [0, 90, 181],
  [128, 180, 225],
  [245, 245, 245],
  [236, 160, 100],
  [200, 75, 0],
];

/** Of a value on a scale, as CSS spells it. */
export function colorOf(value: number, [low, high]: readonly [number, number], isSigned: boolean): string {
  const stops = isSigned ? SIGNED : RISING;
  const place = Math.min(1, Math.max(0, (value - low) / (high - low))) * (stops.length - 1);
  const below = Math.min(stops.length - 2, Math.floor(place));
  const [from, to] = [stops[below], stops[below + 1]];
  if (from === undefined || to === undefined) return 'transparent';
  const mixed = from.map((part, index) => Math.round(part + (place - below) * ((to[index] ?? 0) - part)));
  return `rgb(${mixed.join(' ')})`;
}
