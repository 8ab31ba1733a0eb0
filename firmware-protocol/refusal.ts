import { integer, optional, text } from './field.ts';

/** Time left when a batch could have begun, us: negative for one that came too late. */
export const slackUs = integer('slack_us', { min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });

/** The fields of an `ERR` reply. Codes of a later minor version read as they stand. */
export const refusal = {
  fault: text('code', /^[a-z][a-z-]{0,31}$/, 'a fault code'),
  field: optional(text('field', /^[a-z][a-z0-9_]{0,15}$/, 'the key of a field')),
  slackUs: optional(slackUs),
} as const;
