import type { ReplyOf } from '../../firmware-protocol/command.ts';
import type { commands } from '../../firmware-protocol/commands.ts';

/** What a link reports of itself. */
export interface LinkNews {
  readonly kind: 'lost' | 'up' | 'rebooted';
  readonly detail: string;
}

export type Pong = ReplyOf<typeof commands.ping>;

/** A reply to PING with the host times between which the board answered, ms. */
export interface TimedPong extends Pong {
  readonly sentMs: number;
  readonly receivedMs: number;
}
