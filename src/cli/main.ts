#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { errorKinds, FnloopError } from '../core/errors.ts';
import { softwareVersion } from '../core/package.ts';
import { App } from './app.ts';
import { boundCommand } from './commands/bound.ts';
import { calibrateCommand } from './commands/calibrate.ts';
import { compareCommand } from './commands/compare.ts';
import { daemonCommand } from './commands/daemon.ts';
import { influxCommand } from './commands/influx.ts';
import { infoCommand } from './commands/info.ts';
import { mockCommand } from './commands/mock.ts';
import { planCommand } from './commands/plan.ts';
import { portsCommand } from './commands/ports.ts';
import { queueCommand } from './commands/queue.ts';
import { runsCommand } from './commands/runs.ts';
import { safeCommand } from './commands/safe.ts';
import { soakCommand } from './commands/soak.ts';
import { statusCommand } from './commands/status.ts';
import { trainCommand } from './commands/train.ts';
import { watchCommand } from './commands/watch.ts';
import { withHolder } from './daemon-hint.ts';
import { reportError, watchSignals } from './signals.ts';

const app = new App();
const stopping = watchSignals(app);

const program = new Command('fnloop')
  .description('Controller for Fowler-Nordheim analog memory boards')
  .version(softwareVersion().version)
  .addCommand(trainCommand(app))
  .addCommand(planCommand(app))
  .addCommand(compareCommand(app))
  .addCommand(calibrateCommand(app))
  .addCommand(runsCommand(app))
  .addCommand(statusCommand(app))
  .addCommand(queueCommand(app))
  .addCommand(watchCommand(app))
  .addCommand(influxCommand(app))
  .addCommand(portsCommand(app))
  .addCommand(infoCommand(app))
  .addCommand(safeCommand(app))
  .addCommand(mockCommand(app))
  .addCommand(soakCommand(app))
  .addCommand(boundCommand(app))
  .addCommand(daemonCommand(app));
throwInsteadOfExit(program);
let runs = process.env['FNLOOP_RUNS'] ?? 'runs';
program.hook('preAction', (_, command) => {
  runs = command.opts<{ runs?: string }>().runs ?? runs;
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
  if (!(error instanceof CommanderError)) reportError(withHolder(error, runs, app));
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
