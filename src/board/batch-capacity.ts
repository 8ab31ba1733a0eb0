import { maxPulsesPerBatch } from '../../firmware-protocol/capacity.ts';
import type { BoardIdentity } from './types.ts';

/** No line is to keep the wire busy for longer: SAFE waits until it is through. */
const LONGEST_LINE_S = 0.1;
const BYTES_PER_PULSE = 4;
/** Where the wire is so slow that its line takes longer all the same. */
const FEWEST = 16;

/** Pulses of one batch: what fits the board's lines, and does not keep a slow wire busy for long. */
export function batchCapacity({ lineBytes }: Pick<BoardIdentity, 'lineBytes'>, bytesPerS: number): number {
  const fast = Math.max(FEWEST, Math.floor((LONGEST_LINE_S * bytesPerS) / BYTES_PER_PULSE));
  return Math.min(maxPulsesPerBatch(lineBytes), fast);
}
