import { decodeFields } from '../../firmware-protocol/codec.ts';
import { FieldError } from '../../firmware-protocol/faults.ts';
import type { Fields } from '../../firmware-protocol/line.ts';
import { refusal } from '../../firmware-protocol/refusal.ts';
import { FnloopError } from '../core/errors.ts';

/** The board answered ERR: nothing was emitted. `fault` is the board's own word for why. */
export class Refusal extends FnloopError {
  readonly fault: string;
  /** Of a batch that came too late: by how much, us (negative). */
  readonly slackUs: number | undefined;

  constructor(message: string, fault: string, slackUs: number | undefined) {
    super('board-refused', message);
    this.fault = fault;
    this.slackUs = slackUs;
  }
}

/** The error that an ERR line stands for. One that FNP/1 does not allow is refused itself. */
export function refusalOf(address: string, verb: string, fields: Fields): FnloopError {
  try {
    const { fault, field, slackUs } = decodeFields(refusal, fields, { unknown: 'ignore' });
    const place = field === undefined ? '' : `, field ${field}`;
    const slack = slackUs === undefined ? '' : ` by ${-slackUs} us`;
    return new Refusal(`${address} refused ${verb}: ${fault}${slack}${place}.`, fault, slackUs);
  } catch (cause) {
    if (!(cause instanceof FieldError)) throw cause;
    return new FnloopError(
      'unexpected-reply',
      `${address} refused ${verb} in words that are not FNP/1: ${cause.message}.`,
      { cause },
    );
  }
}
