/**
 * How much fits one line of `lineBytes` (newline included). Both replies spend eight characters an
 * item, two codes, on top of their longest head: `#65535 OK batch=4294967295 start_us=<16 digits>
 * t_us=<16 digits> codes=` with checksum and newline is 88 characters.
 */
const LONGEST_HEAD = 88;

const itemsPerReply = (lineBytes: number): number => Math.floor((lineBytes - LONGEST_HEAD) / 8);

/** Pulses that one RUN may carry, so that its reply fits a line. */
export const maxPulsesPerBatch = itemsPerReply;

/** Cells that one READ may ask for. Lists of single cells spend six characters each, fewer than the reply. */
export const maxCellsPerRead = itemsPerReply;
