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

export const boardOption = () =>
  new Option(
    '--board <address>',
    'mock:PRESET?cells=N&seed=N, serial:PATH?baud=N or tcp:HOST:PORT',
  ).argParser((address: string) => parseAddress(address).text);

export const runsOption = () =>
  new Option('--runs <folder>', 'folder that holds the runs').default('runs').env('FNLOOP_RUNS');

export const jsonOption = () => new Option('--json', 'print one JSON document on stdout instead of text');

export const seedOption = () => new Option('--seed <number>', 'seed').argParser(wholeNumber(0, 0x7fffffff));

export interface JsonChoice {
  readonly json?: true;
}
