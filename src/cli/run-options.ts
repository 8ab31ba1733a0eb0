import type { Command } from 'commander';
import {
  type JsonChoice,
  jsonOption,
  type LinkChoices,
  patienceOption,
  runsOption,
  wireLogOption,
} from './options.ts';
import { influxCredentialsOption, influxOption, type ShippingChoices } from './shipping.ts';

/** How a command that makes, or goes on with, one run has it recorded. */
export interface RunChoices extends JsonChoice, LinkChoices, ShippingChoices {
  readonly runs: string;
}

/** Adds the options of `RunChoices`. */
export const withRunOptions = (command: Command): Command =>
  command
    .addOption(wireLogOption())
    .addOption(patienceOption())
    .addOption(influxOption())
    .addOption(influxCredentialsOption())
    .addOption(runsOption())
    .addOption(jsonOption());
