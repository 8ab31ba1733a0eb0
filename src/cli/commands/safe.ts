import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import type { Rest } from '../../board/bring-to-rest.ts';
import { type ErrorCode, FnloopError } from '../../core/errors.ts';
import { parseAddress } from '../../transport/address.ts';
import { type AskedHolders, askHolders } from '../../transport/ask-holders.ts';
import type { App } from '../app.ts';
import { holderOf } from '../by-daemon/board-holder.ts';
import { boardOption, type JsonChoice, jsonOption, runsOption } from '../options.ts';
import {
  armingInWords,
  holdersInWords,
  restByHolders,
  tellSilent,
  tellUnrested,
  withSilent,
} from '../safe-by-holders.ts';

interface SafeOptions extends JsonChoice {
  readonly board: string;
  readonly runs: string;
}

/** What was done, for scripts and for people. */
interface Done {
  readonly rest: object;
  readonly text: string;
}

export function safeCommand(app: App): Command {
  return new Command('safe')
    .addOption(boardOption().makeOptionMandatory())
    .addOption(runsOption())
    .addOption(jsonOption())
    .action(async (options: SafeOptions) => {
      const asked = askHolders(parseAddress(options.board));
      const { rest, text } = await app
        .cooperate(() => bringToRestAnyhow(app, options, asked))
        .finally(() => asked.leave());
      app.output(options.json === true).result({ ...rest, isAtRest: true }, () => text);
    });
}

/**
 * Whoever holds the port is asked first, since nobody is nearer to the board; then the daemon; then the port is opened. Loads what each of these
 * ways needs when it is taken. Rejects only where none of them had the board confirm.
 */
async function bringToRestAnyhow(app: App, options: SafeOptions, asked: AskedHolders): Promise<Done> {
  const { board } = options;
  const { note } = app.output(false);
  const early = await asked.inTime;
  const done = byHolders(
    board,
    early.filter(({ isBelieved }) => isBelieved),
  );
  if (done !== undefined) {
    tellSilent(asked.processes, early, note);
    return done;
  }
  tellUnrested(early, note);
  try {
    const { done: rest, refusal } = await askDaemon(app, options);
    return rest ?? (await restAt(app, options, refusal === 'daemon-unavailable' ? PORT_FREE_MS : 0));
  } catch (error) {
    const heard = await asked.all;
    const late = byHolders(board, heard);
    if (late === undefined) throw withSilent(error, asked.processes, heard);
    return late;
  }
}

function byHolders(board: string, heard: Parameters<typeof restByHolders>[1]): Done | undefined {
  const rest = restByHolders(board, heard);
  return rest && { rest, text: holdersInWords(rest) };
}

/** Undefined where no daemon holds the board, and where one did not do it: whoever wants outputs at rest is refused by nobody. */
async function askDaemon(
  app: App,
  { board, runs }: SafeOptions,
): Promise<{ readonly done?: Done; readonly refusal?: ErrorCode }> {
  try {
    const holder = await holderOf(app, board, runs);
    if (holder === undefined) return {};
    const { restByDaemon, restInWords } = await import('../by-daemon/safe.ts');
    const rest = await restByDaemon(holder);
    return { done: { rest, text: restInWords(rest) } };
  } catch (error) {
    if (!(error instanceof FnloopError)) throw error;
    app.output(false).note(`The daemon did not do it, so the board is told directly. ${error.message}`);
    return { refusal: error.code };
  }
}

/** A daemon that has died frees the port within so long, its outputs at rest. */
const PORT_FREE_MS = 5_000;
const AGAIN_MS = 200;

/** A port that is busy is tried for so long. */
async function restAt(app: App, options: SafeOptions, patienceMs: number): Promise<Done> {
  const { bringToRest } = await import('../../board/bring-to-rest.ts');
  const { openEndpoint } = await import('../../transport/open.ts');
  const untilMs = app.clock.nowMs() + patienceMs;
  for (;;) {
    try {
      const rest = await bringToRest(await openEndpoint(parseAddress(options.board), { seed: 1 }), app.clock);
      return { rest, text: inWords(rest) };
    } catch (error) {
      const isBusy = error instanceof FnloopError && error.code === 'port-busy';
      if (!isBusy || app.clock.nowMs() >= untilMs) throw error;
      await sleep(AGAIN_MS);
    }
  }
}

const inWords = ({ address, boardId, wasArmed }: Rest): string =>
  `Board ${boardId ?? 'without a name'} at ${address} ${armingInWords[wasArmed]}. It has confirmed: outputs at rest, disarmed, waves forgotten.`;
