import { setTimeout as sleep } from 'node:timers/promises';
import type { Board } from '../board/board.ts';
import type { BoardParts } from '../board/board-parts.ts';
import type { LinkNews } from '../board/link-news.ts';
import type { EarlierWork, ForeignRest } from '../board/rest-watch.ts';
import type { HolderWork } from '../board/safe-door.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import { alsoFailed, FnloopError } from '../core/errors.ts';
import { parseAddress } from '../transport/address.ts';
import { type Output, outputTo } from './output.ts';

/** Nobody who leaves waits for long. */
const LAST_ACTS_MS = 1_000;

/** How a command wants its board connected. */
export interface ConnectionChoices {
  /** For mock addresses that state none. */
  readonly seed?: number | undefined;
  /** A new file for every line on the wire. */
  readonly wireLog?: string | undefined;
  /** How long a board that was lost is waited for, ms. */
  readonly patience?: number | undefined;
}

/** What every command gets: the world, constructed once. */
export class App {
  readonly clock: Clock = systemClock;
  /** Daemons that were asked which boards they have, by address: whether they said so, or wanted a token that we lack. */
  readonly askedDaemons = new Map<string, 'told' | 'closed'>();
  /** What SIGHUP means to a command that does not end by it. */
  onHangUp: (() => void) | undefined;
  /** What this process does, for those who ask it for SAFE. */
  work: HolderWork = { command: 'fnloop', run: null, goOn: null };
  /** Of work that other processes began, and that this one goes on with. */
  earlierWork: EarlierWork | undefined;
  isGoingOn = false;
  /** What brought a board of this command to rest. */
  #rest: FnloopError | undefined;
  readonly #interrupt = new AbortController();
  readonly #openBoards = new Set<Board>();
  /** What this command has done at an address, for its next connection there. */
  readonly #works = new Map<string, EarlierWork>();
  readonly #lastActs = new Set<() => Promise<void>>();
  #cooperating = 0;

  /** Aborts when the user asked to stop. */
  get signal(): AbortSignal {
    return this.#interrupt.signal;
  }

  /** True while something runs that ends by itself, and in order, once `signal` aborts. */
  get isCooperating(): boolean {
    return this.#cooperating > 0;
  }

  output(asJson: boolean): Output {
    return outputTo(process, asJson);
  }

  /** Asks running work to end where it safely can. */
  interrupt(): void {
    this.#interrupt.abort();
  }

  /** Runs work that watches `signal`: a first signal then waits for it instead of ending the process. */
  async cooperate<T>(work: () => Promise<T>): Promise<T> {
    this.#cooperating += 1;
    try {
      return await work();
    } finally {
      this.#cooperating -= 1;
    }
  }

  /** Connects, hands the board over, and brings it to rest and closes it whatever happens. */
  withBoard<T>(
    address: string,
    use: (board: Board) => Promise<T>,
    { seed = 1, wireLog, patience }: ConnectionChoices = {},
  ): Promise<T> {
    return this.cooperate(async () => {
      const place = parseAddress(address);
      const { Board, broughtToRest, linkPolicy, openEndpoint, SafeDoor } = await import('./board-parts.ts');
      const door = new SafeDoor({ work: () => this.work, note: this.output(false).note });
      await door.open(place);
      const board = await openEndpoint(place, { seed, wireLog })
        .then((endpoint) =>
          Board.connect(endpoint, {
            clock: this.clock,
            signal: this.signal,
            policy: { ...linkPolicy, giveUpMs: patience ?? linkPolicy.giveUpMs },
            earlier: this.#earlier(address),
          }),
        )
        .catch(async (failure: unknown) => {
          await door.close();
          throw endedByRest(failure) ? (this.#rest ?? failure) : failure;
        });
      door.follow(board);
      this.#openBoards.add(board);
      const { note } = this.output(false);
      board.linkNews$.subscribe((news) => note(linkSentence(address, news)));
      // What somebody else has brought to rest stays so: the work on it ends, in order.
      const rested = (rest: ForeignRest) => {
        this.#rest ??= broughtToRest(board.identity.boardId, rest);
        note(this.#rest.message);
        this.interrupt();
      };
      if (board.rest !== undefined) rested(board.rest);
      board.rested$.subscribe(rested);
      try {
        const result = await use(board);
        await board.close();
        return result;
      } catch (failure) {
        const cause = endedByRest(failure) ? (this.#rest ?? failure) : failure;
        await board.close().catch((later: unknown) => {
          throw alsoFailed(cause, 'The board could not be brought to rest', later);
        });
        throw cause;
      } finally {
        if (board.work !== undefined)
          this.#works.set(address, { ...this.#works.get(address), ...board.work });
        this.#openBoards.delete(board);
        await door.close();
      }
    });
  }

  /** A second connection of one command goes on with its first: nobody is there to begin it. */
  #earlier(address: string): BoardParts['earlier'] {
    const work = this.#works.get(address) ?? this.earlierWork;
    return work && { ...work, isBegun: this.#works.has(address) || this.isGoingOn };
  }

  /** The run that is under way, and the command by which it goes on, where one can. */
  nowOn(run: string, goOn: string | null = null): void {
    this.work = { ...this.work, run, goOn };
  }

  /** Has something done before the process leaves in mid-work, boards being closed; returns what takes that back. */
  onAbandon(act: () => Promise<void>): () => void {
    this.#lastActs.add(act);
    return () => void this.#lastActs.delete(act);
  }

  /** Brings every open board to rest without waiting for what runs on it; returns why some could not be. */
  async abandonBoards(): Promise<unknown[]> {
    const closed = await Promise.allSettled([...this.#openBoards].map((board) => board.close()));
    const acts = Promise.allSettled([...this.#lastActs].map((act) => act()));
    await Promise.race([acts, sleep(LAST_ACTS_MS)]);
    return closed.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  }
}

/** What a rest ends shows as an interruption of whatever was under way. */
const endedByRest = (failure: unknown): boolean =>
  failure instanceof FnloopError && failure.code === 'interrupted';

/** What the person at the terminal is told while a link is down and when it is back. */
function linkSentence(address: string, { kind, detail }: LinkNews): string {
  switch (kind) {
    case 'lost':
      return `The link to ${address} was lost: ${detail.replace(/\.$/, '')}. Connecting again.`;
    case 'up':
      return `The link to ${address} is up again.`;
    case 'rebooted':
      return `The board at ${address} has restarted (${detail}).`;
  }
}
