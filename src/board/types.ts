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
  /** Rises by one from batch to batch within a boot of the board. */
  readonly batch: number;
  readonly gapUs: number;
  /** Board time of its first conversion, us; absent: as soon as it can be. */
  readonly atUs?: number | undefined;
  readonly slots: readonly Slot[];
}

/** What a batch did: for each pulse of its executed slots, in order, its node's code before and after its slot. */
export interface BatchOutcome {
  readonly batch: number;
  readonly startedUs: number;
  /** Time that was left when the batch could have begun, us; only where it had a start time. */
  readonly slackUs?: number | undefined;
  /** Slots that were emitted: fewer than planned when SAFE or the dead-man cut the batch. */
  readonly slotsDone: number;
  readonly boardTimeUs: number;
  readonly codes: Int32Array;
}

/** Raw codes of a cell's two nodes. */
export interface CellReading {
  readonly cell: number;
  readonly setCode: number;
  readonly resetCode: number;
  /** Board time at which they were converted, us. */
  readonly convertedUs: number;
}

export interface ArrayReading {
  /** The boot whose clock `boardTimeUs` is. */
  readonly bootNonce: number;
  readonly boardTimeUs: number;
  /** Of the chip while it was read; undefined where the board has no sensor. */
  readonly temperatureK: number | undefined;
  readonly cells: readonly CellReading[];
}

/** How many pulses each node has received, S then R of each cell asked, since the boot or ever. */
export interface PulseCount {
  readonly since: 'boot' | 'ever';
  readonly counts: readonly number[];
}

/** What a board confirms that was brought to rest. */
export interface SafeReply {
  /** `unknown` where a board of FNP/1.0 does not say, and this host had not armed it. */
  readonly wasArmed: 'yes' | 'no' | 'unknown';
  readonly boardTimeUs: number;
}
