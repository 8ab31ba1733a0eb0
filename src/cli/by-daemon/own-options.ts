import type { Command } from 'commander';
import { FnloopError } from '../../core/errors.ts';
import type { Holder } from './board-holder.ts';

/** Options that were given on the command line, and not by the environment, as they are written there. */
const given = (command: Command, names: readonly string[]): string[] =>
  command.options
    .filter((option) => names.includes(option.attributeName()))
    .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
    .map((option) => option.long ?? option.flags);

export const isAnyGiven = (command: Command, names: readonly string[]): boolean =>
  given(command, names).length > 0;

/** Throws `usage` where one of these was given: the daemon does the work, by its own settings. */
export function assertNotGiven(command: Command, names: readonly string[], { board, daemon }: Holder): void {
  const options = given(command, names);
  if (options.length === 0) return;
  throw new FnloopError(
    'usage',
    `Board ${board.name} is looked after by the daemon at ${daemon.url}, which does this work by its own configuration: ` +
      `${options.join(' and ')} cannot be had there.`,
  );
}

/** How a run is connected and shipped. */
export const runOptionNames = ['wireLog', 'patience', 'influx', 'influxCredentials'] as const;
