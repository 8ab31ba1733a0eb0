import { InvalidArgumentError } from 'commander';

const NUMBER = String.raw`(\d+(?:\.\d+)?(?:e[+-]?\d+)?)`;

const S_PER_UNIT: Readonly<Record<string, number>> = {
  us: 1e-6,
  ms: 1e-3,
  s: 1,
  min: 60,
  h: 3600,
  d: 86_400,
  y: 365.25 * 86_400,
};

const HZ_PER_UNIT: Readonly<Record<string, number>> = { Hz: 1, kHz: 1e3, MHz: 1e6, GHz: 1e9, THz: 1e12 };

/** Parses a number above 0, with a power of ten where wanted: 0.001, 3.14e23. */
export function positive(text: string): number {
  const value = Number(new RegExp(`^${NUMBER}$`).exec(text)?.[1]);
  if (value > 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new InvalidArgumentError('Expected a number above 0, for example 16, 0.001 or 3.14e23.');
}

/** Parses a time with its unit to seconds. */
export const seconds = (text: string): number =>
  withUnit(text, S_PER_UNIT, 'a time with its unit above 0, for example 30d or 10y');

/** Parses a rate with its unit to events a second. */
export const hertz = (text: string): number =>
  withUnit(text, HZ_PER_UNIT, 'a rate with its unit above 0, for example 1e12Hz or 1THz');

/** Parses an absolute temperature with its unit to kelvins. */
export const absoluteTemperature = (text: string): number =>
  withUnit(
    text,
    { K: 1, mK: 1e-3 },
    'an absolute temperature with its unit above 0, for example 300K or 77K',
  );

function withUnit(text: string, units: Readonly<Record<string, number>>, expected: string): number {
  const [, digits, unit = ''] = new RegExp(`^${NUMBER}([a-zA-Z]+)$`).exec(text) ?? [];
  const value = Number(digits) * (units[unit] ?? Number.NaN);
  if (value > 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new InvalidArgumentError(`Expected ${expected}.`);
}
