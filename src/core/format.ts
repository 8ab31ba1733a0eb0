import { format } from 'd3-format';

const BASE = { fJ: [1e-15, 'J'], zJ: [1e-21, 'J'], fC: [1e-15, 'C'], s: [1, 's'], V: [1, 'V'] } as const;
export type PrintedUnit = keyof typeof BASE;

/** A quantity for people, with an SI prefix: `quantity(16300, 'fJ')` is `16.3 pJ`; a dash where there is none. */
export function quantity(value: number | null, unit: PrintedUnit): string {
  if (value === null) return '-';
  const [scale, base] = BASE[unit];
  const text = format('.3s')(value * scale);
  const prefix = /[^\d.]$/.exec(text)?.[0] ?? '';
  return `${prefix === '' ? text : text.slice(0, -1)} ${prefix}${base}`;
}

/** Value and sigma under the value's prefix, the sigma to two digits: `8.00 ± 0.16 fJ`. */
export function withSigma(value: number | null, sigma: number | null, unit: PrintedUnit): string {
  if (value === null || sigma === null) return '-';
  const [scale, base] = BASE[unit];
  const reference = Math.max(Math.abs(value), sigma) * scale;
  const prefix = /[^\d.]$/.exec(format('.1s')(reference))?.[0] ?? '';
  const power = PREFIX_POWERS[prefix] ?? 0;
  return `${pair(value * scale, sigma * scale, power)} ${prefix}${base}`;
}

/** A number and its sigma: `(5.421 ± 0.086)e5` where large, else `12.3 ± 1.1`. */
export function numberWithSigma(value: number | null, sigma: number | null): string {
  if (value === null || sigma === null) return '-';
  const power = Math.abs(value) >= 1e4 ? Math.floor(Math.log10(Math.abs(value))) : 0;
  return power === 0 ? pair(value, sigma, 0) : `(${pair(value, sigma, power)})e${power}`;
}

const PREFIX_POWERS: Readonly<Record<string, number>> = {
  z: -21,
  a: -18,
  f: -15,
  p: -12,
  n: -9,
  µ: -6,
  m: -3,
  k: 3,
  M: 6,
  G: 9,
};

/** Both in units of ten to `power`, with as many decimals as two digits of the sigma need. */
function pair(value: number, sigma: number, power: number): string {
  const scaled = sigma / 10 ** power;
  const decimals = scaled > 0 ? Math.max(0, Math.min(9, 1 - Math.floor(Math.log10(scaled)))) : 3;
  return `${(value / 10 ** power).toFixed(decimals)} ± ${scaled.toFixed(decimals)}`;
}

/** A plain number to three digits, large and small ones in powers of ten. */
export const plain = (value: number): string =>
  Math.abs(value) >= 1e5 || (value !== 0 && Math.abs(value) < 1e-3)
    ? format('.2e')(value)
    : format('.3~r')(value);

/** A share as a percentage with one decimal. */
export const percent = (share: number | null): string =>
  share === null ? '-' : `${(100 * share).toFixed(1)} %`;

/** A time for people: `90 s`, `1 h 0 min`. */
export function duration(seconds: number): string {
  if (seconds < 120) return quantity(seconds, 's');
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `badChecksums` as `bad_checksums`. */
export const snakeCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** A wall-clock time in nanoseconds since 1970 to the second, UTC: `2026-11-22 10:20:30Z`. */
export const wallTime = (wallNs: string | bigint): string =>
  new Date(Number(BigInt(wallNs) / NS_PER_MS))
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');

const NS_PER_MS = 1_000_000n;
