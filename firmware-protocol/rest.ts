import { integer, oneOf } from './field.ts';

/** What can bring the outputs of a board to rest and disarm it. */
export const restCauses = ['safe', 'disarm', 'dead-man', 'button', 'interlock', 'other'] as const;
export type RestCause = (typeof restCauses)[number];

/** What brought the board to rest last in this boot. */
export const restCause = oneOf('rest_cause', restCauses);

/** The host that told the board to rest, or whose dead-man ran out; 0 where it was no host, or one that gave no number. */
export const restHost = integer('rest_host', { min: 0, max: 0xffffffff });
