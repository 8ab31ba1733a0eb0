import { constants } from 'node:os';
import { errorKinds, FnloopError, messageOf, systemCodeOf } from '../core/errors.ts';
import type { App } from './app.ts';
import { outlivesTerminal } from './hang-up.ts';

const STOPPING = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
type StoppingSignal = (typeof STOPPING)[number] | 'SIGPIPE';

/** Which signal asked to stop, once one has. */
export interface Stopping {
  readonly exitCode: number | undefined;
}

/**
 * Turns signals, and output that nobody reads any more, into an orderly end: the first lets running work
 * finish what is in flight, a second one, or one with nothing running, brings boards to rest and leaves. A terminal that is gone takes its
 * output along, and ends only what was not started to outlive it.
 */
export function watchSignals(app: App): Stopping {
  let stoppedBy: StoppingSignal | undefined;
  const exitCodeOf = (signal: StoppingSignal) => 128 + constants.signals[signal];

  const isDetached = outlivesTerminal(process.env);
  // The processes that this one starts are to know it too.
  if (isDetached) process.env['_'] = 'nohup';

  const stop = (signal: StoppingSignal) => {
    if (signal === 'SIGHUP' && app.onHangUp !== undefined && stoppedBy === undefined) {
      app.onHangUp();
      return;
    }
    // A terminal that is closed says so twice, by the system and by its shell: that is no impatience.
    if (signal === 'SIGHUP' && (isDetached || stoppedBy !== undefined)) return;
    const isFirst = stoppedBy === undefined;
    stoppedBy ??= signal;
    if (isFirst && app.isCooperating) app.interrupt();
    else void abandon(app, exitCodeOf(signal));
  };
  for (const signal of STOPPING) process.on(signal, () => stop(signal));
  for (const stream of [process.stdout, process.stderr]) {
    let isGone = false;
    stream.on('error', (error) => {
      isGone ||= systemCodeOf(error) === 'EIO';
      if (!isGone && stoppedBy === undefined) stop('SIGPIPE');
    });
  }
  process.once('uncaughtException', (error) => {
    reportError(error);
    void abandon(app, errorKinds.invariant.exitCode);
  });

  return {
    get exitCode() {
      return stoppedBy === undefined ? undefined : exitCodeOf(stoppedBy);
    },
  };
}

async function abandon(app: App, exitCode: number): Promise<never> {
  for (const failure of await app.abandonBoards()) {
    process.stderr.write(`The board could not be brought to rest: ${messageOf(failure)}\n`);
  }
  process.exit(exitCode);
}

/** One line an error, a line more for each of its problems; a stack only for a defect of ours. */
export function reportError(error: unknown): void {
  const { stderr } = process;
  if (!(error instanceof FnloopError)) {
    stderr.write(
      `error (invariant): ${error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}\n`,
    );
    return;
  }
  stderr.write(`error (${error.code}): ${error.message}\n`);
  for (const problem of error.problems) stderr.write(`  ${problem}\n`);
}
