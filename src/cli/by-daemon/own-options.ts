import type { Command } from 'commander';
import { FnloopError } from '../../core/errors.ts';
import { routes } from '../../daemon/routes/index.ts';
import type { Output } from '../output.ts';
import type { ShippingChoices } from '../shipping.ts';
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

/** What a process of its own can do for a run, and the daemon cannot. */
export const ownToRun: readonly string[] = ['wireLog', 'patience', 'influx', 'influxCredentials'];
export const ownToResume: readonly string[] = [...ownToRun, 'acceptChanges'];

/**
 * The shipping that was asked for, where the daemon does just that. Throws `usage` for it otherwise, and for the other options of these
 * that were given; a database that the environment names is left out with a note.
 */
export async function shippingBy(
  holder: Holder,
  command: Command,
  names: readonly string[],
  note: Output['note'],
): Promise<ShippingChoices> {
  const { influx } = command.opts<ShippingChoices>();
  const isShipped = influx !== undefined && (await holder.daemon.ask(routes.about)).influx === influx.name;
  assertNotGiven(
    command,
    names.filter((name) => name !== 'influx' || !isShipped),
    holder,
  );
  if (influx !== undefined && !isShipped)
    note(`FNLOOP_INFLUX is not used: the daemon ships its runs where its configuration says.`);
  return isShipped ? { influx } : {};
}
