import { Command } from 'commander';
import { bringToRest, type Rest } from '../../board/bring-to-rest.ts';
import { parseAddress } from '../../transport/address.ts';
import { openEndpoint } from '../../transport/open.ts';
import type { App } from '../app.ts';
import { boardOption, type JsonChoice, jsonOption } from '../options.ts';

interface SafeOptions extends JsonChoice {
  readonly board: string;
}

export function safeCommand(app: App): Command {
  return new Command('safe')
    .summary('bring the outputs of a board to rest, whatever it is doing')
    .addOption(boardOption().makeOptionMandatory())
    .addOption(jsonOption())
    .action(async ({ board, json }: SafeOptions) => {
      const rest = await app.cooperate(async () =>
        bringToRest(await openEndpoint(parseAddress(board), { seed: 1 }), app.clock),
      );
      app.output(json === true).result({ ...rest, isAtRest: true }, () => inWords(rest));
    });
}

const found = {
  yes: 'was armed',
  no: 'was not armed',
  unknown: 'was too busy to say whether it was armed',
} as const satisfies Record<Rest['wasArmed'], string>;

const inWords = ({ address, boardId, wasArmed }: Rest): string =>
  `Board ${boardId ?? 'without a name'} at ${address} ${found[wasArmed]}. It has confirmed: outputs at rest, disarmed, waves forgotten.`;
