import type { ReplyOf } from '../../firmware-protocol/command.ts';
import type { commands } from '../../firmware-protocol/commands.ts';
import type { Slot } from '../../firmware-protocol/slots.ts';

/** What a board says of itself. */
export type BoardIdentity = ReplyOf<typeof commands.hello>;

/** The shape of a pulse, defined on the board under a number. */
export interface Wave {
  readonly wave: number;
  readonly amplitudeV: number;
  readonly widthUs: number;
}

/** A wave as the board holds it: the DAC code says what amplitude it really puts out. */
export interface DefinedWave extends Wave {
  readonly dacCode: number;
}

/** Slots that go out as one command. */
export interface Batch {
  readonly batch: number;
  readonly gapUs: number;
  readonly slots: readonly Slot[];
}

/** What a batch did: for each pulse, in order, its node's code before and after its slot. */
export interface BatchOutcome {
  readonly batch: number;
  readonly startedUs: number;
  readonly boardTimeUs: number;
  readonly codes: Int32Array;
}

/** Raw codes of a cell's two nodes. */
export interface CellReading {
  readonly cell: number;
  readonly setCode: number;
  readonly resetCode: number;
}

export interface ArrayReading {
  readonly boardTimeUs: number;
  readonly cells: readonly CellReading[];
}
