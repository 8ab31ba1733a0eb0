import { join } from 'node:path';
import { Board } from '../../board/board.ts';
import type { BoardParts } from '../../board/board-parts.ts';
import { linkPolicy } from '../../board/link-machine.ts';
import type { SafeDoor } from '../../board/safe-door.ts';
import type { Clock } from '../../core/clock.ts';
import { alsoFailed } from '../../core/errors.ts';
import { parseAddress } from '../../transport/address.ts';
import { openEndpoint } from '../../transport/open.ts';
import type { CutRun, WorkerNews, WorkerSettings } from '../messages.ts';
import { markCut } from './mark-cut.ts';
import { historyOf } from './run-work.ts';

export interface ConnectionParts {
  readonly settings: WorkerSettings;
  readonly cutRuns: readonly CutRun[];
  readonly earlier: BoardParts['earlier'];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Open before the port is, for as long as the process lives. */
  readonly door: SafeDoor;
  readonly tell: (news: WorkerNews) => void;
}

/**
 * Connects to the board, settles with it what a dead process left open, and tells what happens to the link from then on. Rejects as
 * `Board.connect` and `openHistory`; the port is then free.
 */
export async function connectBoard({
  settings,
  cutRuns,
  earlier,
  clock,
  signal,
  door,
  tell,
}: ConnectionParts): Promise<Board> {
  const address = parseAddress(settings.address);
  await door.open(address);
  const endpoint = await openEndpoint(address, { seed: 1 });
  const board = await Board.connect(endpoint, {
    clock,
    signal,
    policy: { ...linkPolicy, giveUpMs: settings.patienceMs },
    earlier,
  });
  door.follow(board);
  try {
    await historyOf({ settings, board, clock, tell });
    for (const { runId, reason } of cutRuns) await markCut(join(settings.runs, runId), reason, clock);
  } catch (failure) {
    await board.close().catch((later: unknown) => {
      throw alsoFailed(failure, 'The board could not be brought to rest', later);
    });
    throw failure;
  }
  return board;
}
