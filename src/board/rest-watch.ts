import type { Observable } from 'rxjs';
import { Subject } from 'rxjs/internal/Subject';
import type { RestCause } from '../../firmware-protocol/rest.ts';
import { FnloopError } from '../core/errors.ts';

/** That a board came to rest, as it tells itself. */
export interface ToldRest {
  readonly bootNonce: number;
  /** How often it has come to rest in this boot. */
  readonly rests: number;
  /** Of the last time; absent where it never has, or does not tell. */
  readonly restCause?: RestCause | undefined;
  readonly restHost?: number | undefined;
}

/** How often a board had come to rest in a boot, as far as somebody took note of it. */
export interface NotedRests {
  readonly bootNonce: number;
  readonly rests: number;
}

/** Whom this host goes on for, where a person does not begin it: what a person wanted at rest, and nobody noted, holds. */
export interface EarlierWork {
  /** The number that all of this work gives on the wire. */
  readonly host: number;
  /** Whatever brought the board to rest until then is known; absent where nobody took note. */
  readonly noted?: NotedRests | undefined;
}

/** Something besides this host that brought the board to rest. */
export interface ForeignRest {
  readonly cause: RestCause | 'unknown';
  /** In words, what did it: `its button`. */
  readonly by: string;
}

/**
 * Tells rests that this host caused (its own SAFE, DISARM and dead-man) from those that somebody else did, which hold until
 * a person says go on. It counts along with the board: whatever the count has more than this host knows was not its doing.
 */
export class RestWatch {
  /** This host's number on the wire. */
  readonly host: number;
  readonly #rested = new Subject<ForeignRest>();
  #bootNonce: number;
  /** The count of this boot that is known, of a board that tells one. */
  #known: number | undefined;
  #foreign: ForeignRest | undefined;

  /** Each time that something else brought the board to rest. Hot; completes with the link; never errors. */
  readonly rested$: Observable<ForeignRest> = this.#rested.asObservable();

  constructor(
    host: number,
    { bootNonce, rests }: { readonly bootNonce: number; readonly rests?: number | undefined },
  ) {
    this.host = host;
    this.#bootNonce = bootNonce;
    this.#known = rests;
  }

  /** The count that ARM is to carry; undefined where the board tells none, as in FNP/1.0. */
  get known(): number | undefined {
    return this.#known;
  }

  /** What holds the board at rest; undefined while nothing does. */
  get foreign(): ForeignRest | undefined {
    return this.#foreign;
  }

  /** What this host has taken note of; undefined of a board that tells no count. */
  get noted(): NotedRests | undefined {
    return this.#known === undefined ? undefined : { bootNonce: this.#bootNonce, rests: this.#known };
  }

  /**
   * What the board says when it is connected to for work that began earlier: it may have been brought to rest meanwhile. A host that ends
   * its own work gives its number; a person, a button and an interlock have none.
   */
  wentOn({ bootNonce, rests, restCause, restHost = 0 }: ToldRest, noted: NotedRests | undefined): void {
    const isNoted = noted?.bootNonce === bootNonce && noted.rests === rests;
    if (rests === 0 || restHost !== 0 || isNoted) return;
    this.mark({ cause: restCause ?? 'unknown', by: inWords(restCause, restHost) });
  }

  /** The board's own word, from a reply to PING or from its news. */
  told({ bootNonce, rests, restCause, restHost = 0 }: ToldRest): void {
    if (this.#known === undefined) return;
    if (bootNonce !== this.#bootNonce) {
      this.#bootNonce = bootNonce;
      this.#known = 0;
    }
    const more = rests - this.#known;
    if (more <= 0) return;
    this.#known = rests;
    if (more === 1 && restHost === this.host) return;
    this.mark({ cause: restCause ?? 'unknown', by: inWords(restCause, restHost) });
  }

  /** The count after a SAFE or DISARM of this host, which adds one at most. */
  caused(rests: number | undefined): void {
    if (rests === undefined || this.#known === undefined) return;
    const more = rests - this.#known;
    this.#known = rests;
    if (more > 1) this.mark({ cause: 'unknown', by: inWords(undefined, 0) });
  }

  /** From now on the board is held at rest; what did it first is what is told. */
  mark(foreign: ForeignRest): void {
    if (this.#foreign !== undefined) return;
    this.#foreign = foreign;
    this.#rested.next(foreign);
  }

  /** A person has said go on, knowing of all that was told until now. */
  goOn(): void {
    this.#foreign = undefined;
  }

  /** The link has ended. */
  end(): void {
    this.#rested.complete();
  }
}

/** Of a board that is held at rest. */
export const broughtToRest = (boardId: string, { by }: ForeignRest): FnloopError =>
  new FnloopError(
    'brought-to-rest',
    `Board ${boardId} was brought to rest by ${by}, and stays so until somebody says go on.`,
  );

/** The failure of work whose board something else brought to rest. */
export const isBroughtToRest = (failure: unknown): boolean =>
  failure instanceof FnloopError && failure.code === 'brought-to-rest';

function inWords(cause: RestCause | undefined, host: number): string {
  const who = host === 0 ? 'somebody else' : 'another host';
  switch (cause) {
    case 'safe':
      return `SAFE of ${who}`;
    case 'disarm':
      return `DISARM of ${who}`;
    case 'dead-man':
      return `the dead-man of ${who}, which fell silent`;
    case 'button':
      return 'its button';
    case 'interlock':
      return 'its interlock';
    case 'other':
      return 'itself';
    case undefined:
      return 'something that it does not tell';
  }
}
