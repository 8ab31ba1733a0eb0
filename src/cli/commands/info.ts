import { Command } from 'commander';
import type { Board } from '../../board/board.ts';
import type { LinkStatistics } from '../../board/link-statistics.ts';
import { troublesMet } from '../../report/summary-rows.ts';
import type { App } from '../app.ts';
import { boardOption, type JsonChoice, jsonOption, wireLogOption } from '../options.ts';
import { listing } from '../output.ts';

interface InfoOptions extends JsonChoice {
  readonly board: string;
  readonly wireLog?: string;
}

export function infoCommand(app: App): Command {
  return new Command('info')
    .summary('what a board says of itself, and how its link does')
    .addOption(boardOption().makeOptionMandatory())
    .addOption(wireLogOption())
    .addOption(jsonOption())
    .action(async ({ board: address, wireLog, json }: InfoOptions) => {
      const use = async (board: Board) => {
        const { armed, badLines } = await board.ping();
        return { address: board.address, ...board.identity, armed, badLines, link: board.statistics };
      };
      const info = await app.withBoard(address, use, { wireLog });
      app
        .output(json === true)
        .result(info, () =>
          listing(
            Object.entries(info).map(([name, value]): [string, string] => [
              name,
              typeof value === 'object' ? linkInWords(value) : String(value),
            ]),
          ),
        );
    });
}

function linkInWords(link: LinkStatistics): string {
  const { linesSent, linesReceived, bytesSent, bytesReceived, roundTripMs } = link;
  const traffic = `${linesSent} lines (${bytesSent} bytes) out, ${linesReceived} (${bytesReceived}) back`;
  return `${traffic}, ${roundTripMs.toFixed(1)} ms late on average, ${troublesMet(link) || 'no trouble'}`;
}
