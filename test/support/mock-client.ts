import { decodeFields, encodeFields } from '../../firmware-protocol/codec.ts';
import type { Command } from '../../firmware-protocol/command.ts';
import type { Shape, Values } from '../../firmware-protocol/field.ts';
import { type Line, readLine, spellLine } from '../../firmware-protocol/line.ts';
import type { MockBoard } from '../../mocks/index.ts';

/** Talks to a mock board without any transport; lines only. */
export function clientOf(mock: MockBoard) {
  const received: string[] = [];
  mock.onSend = (bytes) => received.push(...bytes.split('\n').filter((line) => line !== ''));
  let id = 0;

  const exchange = <Request extends Shape>(
    command: Command<Request, Shape>,
    request: Values<Request>,
  ): Line => {
    id += 1;
    received.length = 0;
    mock.receive(
      `${spellLine({ kind: 'request', id, verb: command.verb, fields: encodeFields(command.request, request) })}\n`,
    );
    const reply = received.find((line) => line.startsWith('#')) ?? '';
    const line = readLine(reply);
    if (line.kind === 'bad') throw new Error(`the mock answered '${reply}'`);
    return line;
  };

  return {
    received,
    /** The reply's values; throws where the board refuses. */
    ask: <Request extends Shape, Reply extends Shape>(
      command: Command<Request, Reply>,
      request: Values<Request>,
    ): Values<Reply> => {
      const line = exchange(command, request);
      if (line.kind !== 'ok') throw new Error(`refused: ${JSON.stringify([...line.fields])}`);
      return decodeFields(command.reply, line.fields, { unknown: 'refuse' });
    },
    /** The code and field of a refusal. */
    refusal: <Request extends Shape>(command: Command<Request, Shape>, request: Values<Request>): string => {
      const line = exchange(command, request);
      if (line.kind !== 'error') throw new Error(`expected a refusal of ${command.verb}`);
      return [line.fields.get('code'), line.fields.get('field')].join(' ');
    },
  };
}
