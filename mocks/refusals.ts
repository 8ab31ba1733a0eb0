import { encodeFields } from '../firmware-protocol/codec.ts';
import { FieldError } from '../firmware-protocol/faults.ts';
import type { Line } from '../firmware-protocol/line.ts';
import { refusal } from '../firmware-protocol/refusal.ts';

/** A batch that came too late for its start. */
export class LateError extends FieldError {
  readonly slackUs: number;

  constructor(slackUs: number) {
    super('late', 'at_us', `has passed ${-slackUs} us ago`);
    this.slackUs = slackUs;
  }
}

export function within(key: string, value: number, min: number, max: number): void {
  if (value < min || value > max)
    throw new FieldError('out-of-range', key, `${value} is not ${min} to ${max}`);
}

/** The `ERR` line for what a request did wrong. */
export function refusalLine(id: number, error: FieldError): Line {
  const fields = encodeFields(refusal, {
    fault: error.fault,
    // The verb is not a field.
    field: error.fault === 'unknown-verb' ? undefined : error.key,
    slackUs: error instanceof LateError ? error.slackUs : undefined,
  });
  return { kind: 'error', id, fields };
}
