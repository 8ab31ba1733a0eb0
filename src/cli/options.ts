import { InvalidArgumentError, Option } from 'commander';
import { parseAddress } from '../transport/address.ts';

/** Parses a whole number within bounds; commander reports what it throws beside the option's name. */
export const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };

/** What the command line's quantities are once they are read. */
export type Volts = number;
export type Milliseconds = number;
export type Share = number;
export type Kelvins = number;

const MS_PER_UNIT: Readonly<Record<string, number>> = {
  us: 1e-3,
  ms: 1,
  s: 1e3,
  min: 6e4,
  h: 3.6e6,
  d: 8.64e7,
};

/** Parses a time with its unit to milliseconds. */
export const milliseconds =
  (maxMs: number) =>
  (text: string): number => {
    const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)(us|ms|s|min|h|d)$/.exec(text) ?? [];
    const valueMs = Number(digits) * (MS_PER_UNIT[unit] ?? Number.NaN);
    if (valueMs <= maxMs) return valueMs;
    throw new InvalidArgumentError(`Expected a time with its unit, 500us, 2ms or 1s, of at most ${maxMs}ms.`);
  };

/** Parses a percentage with its sign to a share. */
export const share = (text: string): number => {
  const [, digits] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  const value = Number(digits) / 100;
  if (value > 0 && value <= 1) return value;
  throw new InvalidArgumentError('Expected a percentage with its sign, 0.05% or 2%, of at most 100%.');
};

const V_PER_UNIT: Readonly<Record<string, number>> = { V: 1, mV: 1e-3 };

/** Parses a voltage with its unit to volts. */
export const volts =
  (maxV: number) =>
  (text: string): number => {
    const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)(V|mV)$/.exec(text) ?? [];
    const valueV = Number(digits) * (V_PER_UNIT[unit] ?? Number.NaN);
    if (valueV <= maxV) return valueV;
    throw new InvalidArgumentError(`Expected a voltage with its unit, 4V or 4000mV, of at most ${maxV}V.`);
  };

/** Parses a temperature, or a difference of two, with its unit to kelvins. */
export const kelvins =
  (minK: number, maxK: number) =>
  (text: string): number => {
    const [, digits] = /^(-?\d+(?:\.\d+)?)K$/.exec(text) ?? [];
    const valueK = Number(digits);
    if (valueK >= minK && valueK <= maxK) return valueK;
    throw new InvalidArgumentError(`Expected a temperature with its unit from ${minK}K to ${maxK}K.`);
  };

export const boardOption = () =>
  new Option(
    '--board <address>',
    'mock:PRESET?cells=N&seed=N, serial:PATH?baud=N, tcp:HOST:PORT or replay:FILE',
  ).argParser((address: string) => parseAddress(address).text);

export const wireLogOption = () =>
  new Option('--wire-log <file>', 'write every line on the wire, both ways, with times, to a new file');

export const patienceOption = () =>
  new Option('--patience <time>', 'how long a board that was lost is waited for (default: 60s)').argParser(
    milliseconds(7 * 86_400_000),
  );

export interface LinkChoices {
  readonly wireLog?: string;
  readonly patience?: number;
}

export const runsOption = () =>
  new Option('--runs <folder>', 'folder that holds the runs').default('runs').env('FNLOOP_RUNS');

export const jsonOption = () => new Option('--json', 'print one JSON document on stdout instead of text');

export const seedOption = () => new Option('--seed <number>', 'seed').argParser(wholeNumber(0, 0x7fffffff));

export interface JsonChoice {
  readonly json?: true;
}
