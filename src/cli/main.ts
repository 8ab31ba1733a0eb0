#!/usr/bin/env node
import { Command, CommanderError, Help } from 'commander';
import { errorKinds, FnloopError } from '../core/errors.ts';
import { softwareVersion } from '../core/package.ts';
import { App } from './app.ts';
import { commandTable, type ListedCommand, nameOf } from './command-table.ts';
import { reportError, watchSignals } from './signals.ts';

const app = new App();
const stopping = watchSignals(app);

const asked = askedOf(process.argv.slice(2));
const program = new Command('fnloop')
  .description('Controller for Fowler-Nordheim analog memory boards')
  .version(softwareVersion().version)
  .configureHelp({ subcommandTerm });
for (const listed of commandTable) program.addCommand(await commandOf(listed));
throwInsteadOfExit(program);
let runs = process.env['FNLOOP_RUNS'] ?? 'runs';
program.hook('preAction', (_, command) => {
  runs = command.opts<{ runs?: string }>().runs ?? runs;
  app.work = { ...app.work, command: nameInFull(command) };
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
  if (!(error instanceof CommanderError)) {
    const { withHolder } = await import('./daemon-hint.ts');
    reportError(withHolder(error, runs, app));
  }
}

/** `fnloop runs resume` */
function nameInFull(command: Command): string {
  const { parent } = command;
  return parent === null ? command.name() : `${nameInFull(parent)} ${command.name()}`;
}

/** The name of the command that a command line is about; a name that stands elsewhere loads a command in vain, and nothing worse. */
function askedOf(words: readonly string[]): string | undefined {
  return words.find((word) => commandTable.some((listed) => nameOf(listed) === word));
}

/** The command itself where it was asked for, else what stands for it in help. */
async function commandOf(listed: ListedCommand): Promise<Command> {
  const name = nameOf(listed);
  const command = name === asked ? (await listed.load())(app) : new Command(name);
  return command.summary(listed.summary);
}

function subcommandTerm(command: Command): string {
  const listed = commandTable.find((each) => nameOf(each) === command.name());
  return listed?.usage ?? new Help().subcommandTerm(command);
}

function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  command.commands.forEach(throwInsteadOfExit);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : errorKinds.usage.exitCode;
  if (!(error instanceof FnloopError)) return errorKinds.invariant.exitCode;
  return (error.code === 'interrupted' ? stopping.exitCode : undefined) ?? errorKinds[error.code].exitCode;
}
