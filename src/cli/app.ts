import { Board } from '../board/board.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import { alsoFailed, FnloopError } from '../core/errors.ts';
import { parseAddress } from '../transport/address.ts';
import type { Endpoint } from '../transport/endpoint.ts';
import { openEndpoint } from '../transport/open.ts';
import { type Output, outputTo } from './output.ts';

/** What every command gets: the world, constructed once. */
export class App {
  readonly clock: Clock = systemClock;
  readonly #interrupt = new AbortController();
  readonly #openBoards = new Set<Board>();
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
  withBoard<T>(address: string, use: (board: Board) => Promise<T>, { seed = 1 } = {}): Promise<T> {
    return this.cooperate(async () => {
      const endpoint = await openEndpoint(parseAddress(address), { seed });
      try {
        return await this.#withBoardAt(endpoint, use);
      } finally {
        await endpoint.close();
      }
    });
  }

  async #withBoardAt<T>(endpoint: Endpoint, use: (board: Board) => Promise<T>): Promise<T> {
    const board = await this.#connect(endpoint);
    this.#openBoards.add(board);
    try {
      const result = await use(board);
      await board.close();
      return result;
    } catch (failure) {
      await board.close().catch((later: unknown) => {
        throw alsoFailed(failure, 'The board could not be brought to rest', later);
      });
      throw failure;
    } finally {
      this.#openBoards.delete(board);
    }
  }

  /** Brings every open board to rest without waiting for what runs on it; returns why some could not be. */
  async abandonBoards(): Promise<unknown[]> {
    const closed = await Promise.allSettled([...this.#openBoards].map((board) => board.close()));
    return closed.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  }

  /** A signal while connecting closes the transport, which ends the greeting. */
  async #connect(endpoint: Endpoint): Promise<Board> {
    const { address } = endpoint;
    const [place] = await endpoint.places();
    if (place === undefined) throw new FnloopError('invariant', `${address} names no place.`);
    const transport = await place.open();
    const giveUp = () => void transport.close();
    this.signal.addEventListener('abort', giveUp, { once: true });
    if (this.signal.aborted) giveUp();
    try {
      return await Board.greet(transport);
    } catch (failure) {
      if (!this.signal.aborted) throw failure;
      throw new FnloopError('interrupted', `Stopped while connecting to ${address}.`, { cause: failure });
    } finally {
      this.signal.removeEventListener('abort', giveUp);
    }
  }
}
