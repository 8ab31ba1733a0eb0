import { Board } from '../board/board.ts';
import type { Clock } from '../core/clock.ts';
import { systemClock } from '../core/clock.ts';
import { alsoFailed } from '../core/errors.ts';
import { parseAddress } from '../transport/address.ts';
import { openTransport } from '../transport/open.ts';
import { type Output, outputTo } from './output.ts';

/** What every command gets: the world, constructed once. */
export class App {
  readonly clock: Clock = systemClock;
  /** Set by a command whose work a signal cut short; a server that was asked to end is not. */
  wasCutShort = false;
  readonly #interrupt = new AbortController();
  readonly #openBoards = new Set<Board>();

  /** Aborts when the user asked to stop. */
  get signal(): AbortSignal {
    return this.#interrupt.signal;
  }

  output(asJson: boolean): Output {
    return outputTo(process, asJson);
  }

  /** Asks running work to end where it safely can. */
  interrupt(): void {
    this.#interrupt.abort();
  }

  /** Connects, hands the board over, and brings it to rest and closes it whatever happens. */
  async withBoard<T>(address: string, use: (board: Board) => Promise<T>, { seed = 1 } = {}): Promise<T> {
    const board = await Board.greet(await openTransport(parseAddress(address), seed));
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

  /** Brings every open board to rest without waiting for what runs on it. */
  async abandonBoards(): Promise<void> {
    await Promise.allSettled([...this.#openBoards].map((board) => board.close()));
  }
}
