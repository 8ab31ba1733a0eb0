import type { Device } from '../../calibration/devices.ts';
import type { ArrayReading } from '../board/types.ts';

/** Energy that went into reading the chip and running the board, fJ: columns of their own, never part of a cell's. */
export interface Overhead {
  readonly readOutFJ: number;
  readonly boardFJ: number;
}

/** What a step, or a part of one, took besides pulses. */
export interface OverheadWork {
  /** Conversions of one node each. */
  readonly conversions: number;
  readonly boardTimeUs: number;
}

/** What was converted between two readings, the second one included. */
export interface Converted {
  readonly cellsRead: number;
  /** Each with its node converted before and after its slot. */
  readonly pulses: number;
}

/** A board that has restarted meanwhile counts its time from there. */
export const workBetween = (
  before: ArrayReading,
  after: ArrayReading,
  { cellsRead, pulses }: Converted,
): OverheadWork => ({
  conversions: 2 * (cellsRead + pulses),
  boardTimeUs:
    before.bootNonce === after.bootNonce ? after.boardTimeUs - before.boardTimeUs : after.boardTimeUs,
});

export const overheadOf = (
  { overhead: { conversionFJ, boardW } }: Pick<Device, 'overhead'>,
  { conversions, boardTimeUs }: OverheadWork,
): Overhead => ({
  readOutFJ: conversions * conversionFJ,
  boardFJ: boardW * boardTimeUs * FJ_PER_UJ,
});

const FJ_PER_UJ = 1e9;

/** An update's equal share of what its step took. */
export const shareOf = ({ readOutFJ, boardFJ }: Overhead, updates: number): Overhead => ({
  readOutFJ: readOutFJ / updates,
  boardFJ: boardFJ / updates,
});
