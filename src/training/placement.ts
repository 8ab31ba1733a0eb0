import { cellCount } from '../board/limits.ts';
import type { BoardIdentity } from '../board/types.ts';
import { FnloopError } from '../core/errors.ts';
import type { Task } from './task.ts';

/** The cell of each weight, by weight. Throws `limit-exceeded` when the board has fewer cells than the model has weights. */
export function cellsOf({ name, features }: Task, board: BoardIdentity): readonly number[] {
  const weights = features.length + 1;
  if (weights <= cellCount(board)) return Array.from({ length: weights }, (_, index) => index);
  throw new FnloopError(
    'limit-exceeded',
    `Task ${name} has ${weights} weights, but board ${board.boardId} has ${cellCount(board)} cells. Nothing was sent.`,
  );
}
