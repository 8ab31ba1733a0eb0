import type { Board } from '../../board/board.ts';
import { FnloopError } from '../../core/errors.ts';
import { waitFor } from '../../core/waiting.ts';
import type { BoardInfo } from '../lab.ts';

const PATIENCE_MS = 10_000;

/** What a board says of itself, a run under way or not. Rejects with `no-reply` where its link is down for longer than who asks would wait. */
export async function boardInfo(board: Board): Promise<Omit<BoardInfo, 'address'>> {
  const waiting = new AbortController();
  // The question keeps the deadline of the link: a shorter one would have a busy board taken for a lost one.
  const pong = await Promise.race([board.ping(), waitFor(PATIENCE_MS, waiting.signal)]).finally(() =>
    waiting.abort(),
  );
  if (pong === undefined)
    throw new FnloopError('no-reply', `The board has not answered within ${PATIENCE_MS / 1e3} s.`);
  const { armed, badLines } = pong;
  return { identity: board.identity, armed, badLines, link: board.statistics };
}
