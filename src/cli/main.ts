#!/usr/bin/env node
import { constants } from 'node:os';
import { Command, CommanderError } from 'commander';
import { errorKinds, FnloopError, messageOf } from '../core/errors.ts';
import { softwareVersion } from '../core/package.ts';
import { App } from './app.ts';
import { infoCommand } from './commands/info.ts';
import { mockCommand } from './commands/mock.ts';
import { portsCommand } from './commands/ports.ts';
import { runsCommand } from './commands/runs.ts';
import { trainCommand } from './commands/train.ts';

const app = new App();
let stoppedBy: 'SIGINT' | 'SIGTERM' | undefined;

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stoppedBy !== undefined) void abandon(128 + constants.signals[signal]);
    stoppedBy = signal;
    app.interrupt();
  });
}
process.on('uncaughtException', (error) => {
  report(error);
  void abandon(errorKinds.invariant.exitCode);
});

const program = new Command('fnloop')
  .description('Controller for Fowler-Nordheim analog memory boards')
  .version(softwareVersion().version)
  .exitOverride()
  .addCommand(trainCommand(app))
  .addCommand(runsCommand(app))
  .addCommand(portsCommand(app))
  .addCommand(infoCommand(app))
  .addCommand(mockCommand(app));
program.commands.forEach(inheritExit);

try {
  await program.parseAsync();
  if (stoppedBy !== undefined && app.wasCutShort) process.exitCode = 128 + constants.signals[stoppedBy];
} catch (error) {
  process.exitCode = exitCodeOf(error);
  if (!(error instanceof CommanderError)) report(error);
}

/** Second signal, or a defect: boards to rest, then out. */
async function abandon(exitCode: number): Promise<never> {
  await app.abandonBoards();
  process.exit(exitCode);
}

function inheritExit(command: Command): void {
  command.exitOverride();
  command.commands.forEach(inheritExit);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : errorKinds.usage.exitCode;
  return error instanceof FnloopError ? errorKinds[error.code].exitCode : errorKinds.invariant.exitCode;
}

function report(error: unknown): void {
  const { stderr } = process;
  if (!(error instanceof FnloopError)) {
    stderr.write(
      `error (invariant): ${error instanceof Error ? (error.stack ?? messageOf(error)) : messageOf(error)}\n`,
    );
    return;
  }
  stderr.write(`error (${error.code}): ${error.message}\n`);
  for (const problem of error.problems) stderr.write(`  ${problem}\n`);
}
