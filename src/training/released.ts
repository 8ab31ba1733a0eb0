import type { Board } from '../board/board.ts';
import { isBroughtToRest } from '../board/rest-watch.ts';
import type { Hold } from './holding.ts';

/** Arms the board of a run, where that is held once it is let go; returns early where the run is to end. */
export async function armed(board: Board, hold: Hold | undefined, signal: AbortSignal): Promise<void> {
  try {
    await board.arm();
  } catch (error) {
    if (!isBroughtToRest(error) || hold?.reason === undefined) throw error;
    await released(board, hold, signal);
  }
}

/** Waits until nobody holds the run, and makes its board ready again; false where the run is to end instead. */
export async function released(board: Board, hold: Hold, signal: AbortSignal): Promise<boolean> {
  for (;;) {
    await hold.released(signal);
    if (signal.aborted) return false;
    // Whoever lets the run go on means the board, too.
    board.goOn();
    try {
      // One that has restarted meanwhile is made ready by the runner, which then counts its batches anew.
      if (!board.hasForgotten) await board.restore();
      return true;
    } catch (error) {
      if (!isBroughtToRest(error) || hold.reason === undefined) throw error;
    }
  }
}
