/** Every reason a board gives for refusing a request (`ERR code=...`), and what it means. */
export const faults = {
  'unknown-verb': 'The board does not know the verb.',
  'missing-field': 'A field that the verb needs is absent; `field` names it.',
  'unknown-field': 'The verb has no such field; `field` names it.',
  'bad-value': 'The value of `field` cannot be read.',
  'out-of-range': 'The value of `field` is beyond what the board, or the present arming, allows.',
  'not-armed': 'Pulses need ARM first. Nothing was emitted.',
  rested:
    'The board has come to rest since the host looked: `rests` of ARM is not its present count. It stays disarmed.',
  'no-wave': 'A slot uses a wave that WAVE has not defined. Nothing was emitted.',
  'stale-batch': 'The batch id is not above the last one of this boot. Nothing was emitted.',
  'batch-gap':
    'The batch id is more than one above the last one of this boot: one before it was lost. Nothing was emitted.',
  late: 'The start time had passed, by `slack_us`, when the batch could have begun. Nothing was emitted.',
  busy: 'More requests are under way than `window` or `rx_bytes` of HELLO allow. This one was not looked at.',
} as const satisfies Record<string, string>;

export type FaultCode = keyof typeof faults;

export const isFaultCode = (text: string): text is FaultCode => Object.hasOwn(faults, text);

/** A value that does not fit its field: thrown by encoders and decoders, answered by a board as `ERR`. */
export class FieldError extends Error {
  override readonly name = 'FieldError';
  readonly fault: FaultCode;
  readonly key: string;

  constructor(fault: FaultCode, key: string, message: string) {
    super(`${key}: ${message}`);
    this.fault = fault;
    this.key = key;
  }
}
