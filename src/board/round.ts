import type { Clock } from '../core/clock.ts';
import { alsoFailed, FnloopError } from '../core/errors.ts';
import type { Place } from '../transport/endpoint.ts';
import { type Greeting, greet, strangerBecause } from './greeting.ts';
import { Session, type SessionMemory } from './session.ts';
import type { BoardIdentity } from './types.ts';

export interface RoundParts {
  readonly clock: Clock;
  readonly memory: SessionMemory;
  /** The board that is looked for; any will do where absent. */
  readonly known: BoardIdentity | undefined;
}

/** A connection over which a board has said who it is. */
export interface Greeted extends Greeting {
  readonly session: Session;
}

/** One look at all places where a board may be. */
export class Round {
  readonly #parts: RoundParts;
  #opening: Session | undefined;
  #isAbandoned = false;

  constructor(parts: RoundParts) {
    this.#parts = parts;
  }

  /** The board, at the first place where it answers; else why not, place by place. Nothing else is left open. */
  async find(places: readonly Place[]): Promise<Greeted | readonly FnloopError[]> {
    const reasons: FnloopError[] = [];
    for (const place of places) {
      if (this.#isAbandoned) break;
      try {
        return await this.#greetAt(place);
      } catch (error) {
        if (!(error instanceof FnloopError)) throw error;
        reasons.push(error);
      }
    }
    return reasons;
  }

  /** Ends the look: what is open is closed, and so is what opens later, before a byte is sent. */
  async abandon(): Promise<void> {
    this.#isAbandoned = true;
    await this.#opening?.close();
  }

  async #greetAt(place: Place): Promise<Greeted> {
    const { clock, memory, known } = this.#parts;
    const transport = await place.open();
    const session = new Session(transport, clock, memory);
    this.#opening = session;
    try {
      if (this.#isAbandoned)
        throw new FnloopError('link-lost', `${place.address} opened when nobody waited any more.`);
      const greeting = await greet(session, () => memory.counts);
      const stranger = known && strangerBecause(known, greeting.identity);
      if (stranger !== undefined)
        throw new FnloopError('link-lost', `At ${place.address}, ${stranger}: it was left alone.`);
      return { session, ...greeting };
    } catch (error) {
      await session.close().catch((later: unknown) => {
        throw alsoFailed(error, `${place.address} could not be closed`, later);
      });
      throw error;
    } finally {
      this.#opening = undefined;
    }
  }
}
