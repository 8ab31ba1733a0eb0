import { encodeFields } from '../../../firmware-protocol/codec.ts';
import type { Command } from '../../../firmware-protocol/command.ts';
import { arm, wave } from '../../../firmware-protocol/commands.ts';
import type { Shape, Values } from '../../../firmware-protocol/field.ts';
import { spellLine } from '../../../firmware-protocol/line.ts';
import { createMockBoard, type MockChoices } from '../../../mocks/index.ts';
import { clientOf } from '../../support/mock-client.ts';
import { manualTime } from './manual-time.ts';

export const SET0 = { cell: 0, kind: 'SET', wave: 0 } as const;
/** Of wave 0, us. */
export const WIDTH_US = 100_000;
/** A slot with one pulse: two conversions around it. */
export const SLOT_US = 2_048 + WIDTH_US + 2_048;

/** A request as it goes over the wire, newline included. */
export const request = <Request extends Shape>(
  id: number,
  { verb, request: shape }: Command<Request, Shape>,
  values: Values<Request>,
): string => `${spellLine({ kind: 'request', id, verb, fields: encodeFields(shape, values) })}\n`;

/** A quiet board of 8 cells with a wave defined, armed, on host time that the test moves. */
export function armed(choices: Partial<MockChoices> & { readonly holdMs?: number } = {}) {
  const { holdMs, ...others } = choices;
  const hostTime = manualTime();
  const mock = createMockBoard(
    { preset: 'dam-a', cells: 8, noise: 'off', mismatch: 'off', batchLog: true, ...others },
    hostTime,
  );
  const client = clientOf(mock);
  const prepare = () => {
    client.ask(wave, { wave: 0, amplitudeV: 0.2236, widthUs: WIDTH_US });
    return client.ask(arm, { maxAmplitudeV: 0.2236, maxWidthUs: WIDTH_US, holdMs });
  };
  prepare();
  return { mock, client, hostTime, prepare };
}
