import { randomBytes } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import type { Caller } from './parts.ts';

interface Ticket {
  readonly path: string;
  readonly caller: Caller;
  readonly untilMs: number;
}

const VALID_MS = 60_000;
const MOST = 1_000;

/** Opens one path to whoever has it, for a minute: a browser that opens a link sends no token. */
export class Tickets {
  readonly #clock: Clock;
  readonly #issued = new Map<string, Ticket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  issue(path: string, caller: Caller): { readonly ticket: string; readonly validS: number } {
    const nowMs = this.#clock.nowMs();
    for (const [text, { untilMs }] of this.#issued)
      if (untilMs <= nowMs || this.#issued.size >= MOST) this.#issued.delete(text);
    const ticket = randomBytes(32).toString('base64url');
    this.#issued.set(ticket, { path, caller, untilMs: nowMs + VALID_MS });
    return { ticket, validS: VALID_MS / 1e3 };
  }

  /** Who was given this ticket for that path, as somebody who may read; undefined where nobody was. */
  callerOf(ticket: string | undefined, path: string): Caller | undefined {
    const found = ticket === undefined ? undefined : this.#issued.get(ticket);
    if (found === undefined || found.path !== path || found.untilMs <= this.#clock.nowMs()) return undefined;
    return { name: found.caller.name, role: 'read' };
  }
}
