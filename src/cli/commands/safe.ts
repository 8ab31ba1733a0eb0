import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { bringToRest, type Rest } from '../../board/bring-to-rest.ts';
import { type ErrorCode, FnloopError } from '../../core/errors.ts';
import { parseAddress } from '../../transport/address.ts';
import { openEndpoint } from '../../transport/open.ts';
import type { App } from '../app.ts';
import { holderOf } from '../by-daemon/board-holder.ts';
import { type RestByDaemon, restByDaemon, restInWords } from '../by-daemon/safe.ts';
import { boardOption, type JsonChoice, jsonOption, runsOption } from '../options.ts';

interface SafeOptions extends JsonChoice {
  readonly board: string;
  readonly runs: string;
}

export function safeCommand(app: App): Command {
  return new Command('safe')
    .summary('bring the outputs of a board to rest, whatever it is doing')
    .addOption(boardOption().makeOptionMandatory())
    .addOption(runsOption())
    .addOption(jsonOption())
    .action(async (options: SafeOptions) => {
      const output = app.output(options.json === true);
      const rest = await app.cooperate(async () => {
        const { rest: done, refusal } = await askDaemon(app, options);
        return done ?? (await restAt(app, options, refusal === 'daemon-unavailable' ? PORT_FREE_MS : 0));
      });
      output.result({ ...rest, isAtRest: true }, () =>
        'daemon' in rest ? restInWords(rest) : inWords(rest),
      );
    });
}

/** Rest is undefined where no daemon holds the board, and where one did not do it: whoever wants outputs at rest is refused by nobody. */
async function askDaemon(
  app: App,
  { board, runs }: SafeOptions,
): Promise<{ readonly rest: RestByDaemon | undefined; readonly refusal?: ErrorCode }> {
  try {
    const holder = await holderOf(app, board, runs);
    return { rest: holder && (await restByDaemon(holder)) };
  } catch (error) {
    if (!(error instanceof FnloopError)) throw error;
    app.output(false).note(`The daemon did not do it, so the board is told directly. ${error.message}`);
    return { rest: undefined, refusal: error.code };
  }
}

/** A daemon that has died frees the port within so long, its outputs at rest. */
const PORT_FREE_MS = 5_000;
const AGAIN_MS = 200;

/** A port that is busy is tried for so long. */
async function restAt(app: App, options: SafeOptions, patienceMs: number): Promise<Rest> {
  const untilMs = app.clock.nowMs() + patienceMs;
  for (;;) {
    try {
      return await bringToRest(await openEndpoint(parseAddress(options.board), { seed: 1 }), app.clock);
    } catch (error) {
      const isBusy = error instanceof FnloopError && error.code === 'port-busy';
      if (!isBusy || app.clock.nowMs() >= untilMs) throw error;
      await sleep(AGAIN_MS);
    }
  }
}

const found = {
  yes: 'was armed',
  no: 'was not armed',
  unknown: 'was too busy to say whether it was armed',
} as const satisfies Record<Rest['wasArmed'], string>;

const inWords = ({ address, boardId, wasArmed }: Rest): string =>
  `Board ${boardId ?? 'without a name'} at ${address} ${found[wasArmed]}. It has confirmed: outputs at rest, disarmed, waves forgotten.`;
