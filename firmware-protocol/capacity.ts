/**
 * How much fits one line of `lineBytes` (newline included). Replies spend eight characters an item, two codes,
 * on top of their longest head, that of RESULT with all its fields at their longest, checksum and newline: 167
 * characters. `LONGEST_HEAD` is held by a test.
 */
export const LONGEST_HEAD = 168;

const itemsPerReply = (lineBytes: number): number => Math.floor((lineBytes - LONGEST_HEAD) / 8);

/** Pulses that one RUN may carry, so that its reply fits a line. */
export const maxPulsesPerBatch = itemsPerReply;

/** Cells that one READ may ask for. Lists of single cells spend six characters each, fewer than the reply. */
export const maxCellsPerRead = itemsPerReply;
