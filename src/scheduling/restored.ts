import type { Board } from '../board/board.ts';
import { isBroughtToRest } from '../board/rest-watch.ts';

/**
 * Makes a board ready again that has restarted or disarmed itself. Where something else brings it to rest in this moment it stays
 * so: rejects with `brought-to-rest`, unless whoever runs this has aborted by then.
 */
export async function restored(board: Board, signal: AbortSignal | undefined): Promise<void> {
  try {
    await board.restore();
  } catch (error) {
    if (!isBroughtToRest(error) || signal?.aborted !== true) throw error;
  }
}
