import { encodeFields } from '../../firmware-protocol/codec.ts';
import type { Command } from '../../firmware-protocol/command.ts';
import { FieldError } from '../../firmware-protocol/faults.ts';
import type { Shape, Values } from '../../firmware-protocol/field.ts';
import type { Fields } from '../../firmware-protocol/line.ts';
import { FnloopError } from '../core/errors.ts';

/** A request's fields as they go over the wire. Throws `limit-exceeded` for one that the protocol cannot spell. */
export function encodable<Request extends Shape>(
  command: Command<Request, Shape>,
  request: Values<Request>,
): Fields {
  try {
    return encodeFields(command.request, request);
  } catch (cause) {
    if (!(cause instanceof FieldError)) throw cause;
    throw new FnloopError(
      'limit-exceeded',
      `${command.verb} cannot be spelled in FNP/1: ${cause.message}. Nothing was sent.`,
      { cause },
    );
  }
}
