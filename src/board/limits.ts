import { maxPulsesPerBatch } from '../../firmware-protocol/capacity.ts';
import { FnloopError } from '../core/errors.ts';
import type { Batch, BoardIdentity, Wave } from './types.ts';

/** In words, why the board cannot put out the wave; empty where it can. */
export function waveProblems({ wave, amplitudeV, widthUs }: Wave, board: BoardIdentity): string[] {
  const check = (name: string, value: number, min: number, max: number, unit: string) =>
    value >= min && value <= max
      ? []
      : [
          `A ${name} of ${value} ${unit} is beyond board ${board.boardId}, which takes ${min} to ${max} ${unit}.`,
        ];
  return [
    ...check('pulse amplitude', amplitudeV, board.minAmplitudeV, board.maxAmplitudeV, 'V'),
    ...check('pulse width', widthUs, board.minWidthUs, board.maxWidthUs, 'us'),
    ...check('wave number', wave, 0, board.waves - 1, ''),
  ];
}

/** Throws `limit-exceeded` unless the board can put out the wave. */
export function assertWaveWithinLimits(wave: Wave, board: BoardIdentity): void {
  const [problem] = waveProblems(wave, board);
  if (problem !== undefined) throw new FnloopError('limit-exceeded', `${problem} Nothing was sent.`);
}

/** Throws `limit-exceeded` unless all cells exist on the board. */
export function assertCellsOnBoard(cells: readonly number[], board: BoardIdentity): void {
  const count = cellCount(board);
  const outside = cells.find((cell) => cell < 0 || cell >= count);
  if (outside !== undefined) throw notOnBoard(outside, board);
}

const notOnBoard = (cell: number, board: BoardIdentity): FnloopError =>
  new FnloopError(
    'limit-exceeded',
    `Cell ${cell} is not on board ${board.boardId}, which has cells 0 to ${cellCount(board) - 1}.`,
  );

/** Throws `limit-exceeded` unless the batch fits the board: its cells exist and its reply fits a line. */
export function assertBatchWithinLimits({ batch, slots }: Batch, board: BoardIdentity): void {
  const count = cellCount(board);
  let pulses = 0;
  for (const slot of slots) {
    pulses += slot.length;
    for (const { cell } of slot) if (cell < 0 || cell >= count) throw notOnBoard(cell, board);
  }
  const most = maxPulsesPerBatch(board.lineBytes);
  if (pulses <= most) return;
  throw new FnloopError(
    'limit-exceeded',
    `Batch ${batch} has ${pulses} pulses, but board ${board.boardId} takes ${most}. Nothing was sent.`,
  );
}

export const cellCount = ({ rows, columns }: BoardIdentity): number => rows * columns;
