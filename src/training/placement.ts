import type { Verdict } from '../../calibration/fit/verdict.ts';
import { cellCount } from '../board/limits.ts';
import type { BoardIdentity } from '../board/types.ts';
import type { ChipModel } from '../chip/chip-model.ts';
import { FnloopError } from '../core/errors.ts';
import type { Task } from './task.ts';

/**
 * The cell of each weight, by weight: the first cells, in ascending order, whose nodes are both good. Throws `limit-exceeded`
 * where there are fewer than the model has weights.
 */
export function cellsOf(
  { name, features }: Pick<Task, 'name' | 'features'>,
  board: BoardIdentity,
  chip: ChipModel,
): readonly number[] {
  const weights = features.length + 1;
  const all = Array.from({ length: cellCount(board) }, (_, cell) => cell);
  const usable = all.filter((cell) => chip.faultsOf(cell).length === 0);
  if (weights <= usable.length) return usable.slice(0, weights);
  const unusable = all.length - usable.length;
  const found =
    unusable === 0
      ? `has ${all.length} cells`
      : `has ${usable.length} usable cells of ${all.length}: ${unusable} are masked by its calibration (nodes: ${verdictsOf(all, chip)})`;
  throw new FnloopError(
    'limit-exceeded',
    `Task ${name} has ${weights} weights, but board ${board.boardId} ${found}. Nothing was sent.`,
  );
}

/** `3 stuck, 1 leaky`: of the nodes that are not good, the most frequent verdict first. */
function verdictsOf(cells: readonly number[], chip: ChipModel): string {
  const counts = new Map<Verdict | 'not measured', number>();
  for (const { verdict } of cells.flatMap((cell) => chip.faultsOf(cell)))
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return [...counts]
    .sort(([, one], [, other]) => other - one)
    .map(([verdict, count]) => `${count} ${verdict}`)
    .join(', ');
}
