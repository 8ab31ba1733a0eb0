import { Command } from 'commander';
import type { Board } from '../../board/board.ts';
import type { LinkStatistics } from '../../board/link-statistics.ts';
import { troublesMet } from '../../report/troubles-met.ts';
import type { App } from '../app.ts';
import { type Holder, holderOf } from '../by-daemon/board-holder.ts';
import { boardOption, type JsonChoice, jsonOption, runsOption, wireLogOption } from '../options.ts';
import { listing } from '../table.ts';

interface InfoOptions extends JsonChoice {
  readonly board: string;
  readonly wireLog?: string;
  readonly runs: string;
}

export function infoCommand(app: App): Command {
  return new Command('info')
    .addOption(boardOption().makeOptionMandatory())
    .addOption(wireLogOption())
    .addOption(runsOption())
    .addOption(jsonOption())
    .action(async ({ board: address, wireLog, runs, json }: InfoOptions, command: Command) => {
      const holder = await holderOf(app, address, runs);
      if (holder !== undefined)
        (await import('../by-daemon/own-options.ts')).assertNotGiven(command, ['wireLog'], holder);
      const info = await (holder === undefined
        ? app.withBoard(address, infoOf, { wireLog })
        : infoByDaemon(holder));
      app
        .output(json === true)
        .result(info, () =>
          listing(
            Object.entries(info).map(([name, value]): [string, string] => [
              name,
              isLink(value) ? linkInWords(value) : String(value ?? '-'),
            ]),
          ),
        );
    });
}

const infoOf = async (board: Board) => {
  const { armed, badLines } = await board.ping();
  return { address: board.address, ...board.identity, armed, badLines, link: board.statistics };
};

/** The same, and who was asked. */
async function infoByDaemon({ daemon, board: { name, state, job } }: Holder) {
  const { routes } = await import('../../daemon/routes/index.ts');
  const { address, identity, ...info } = await daemon.ask(routes.boardInfo, { params: { board: name } });
  return { address, ...identity, ...info, daemon: daemon.url, board: name, state, job };
}

const isLink = (value: unknown): value is LinkStatistics => typeof value === 'object' && value !== null;

function linkInWords(link: LinkStatistics): string {
  const { linesSent, linesReceived, bytesSent, bytesReceived, roundTripMs } = link;
  const traffic = `${linesSent} lines (${bytesSent} bytes) out, ${linesReceived} (${bytesReceived}) back`;
  return `${traffic}, ${roundTripMs.toFixed(1)} ms late on average, ${troublesMet(link) || 'no trouble'}`;
}
