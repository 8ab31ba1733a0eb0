import type { ReplyOf, RequestOf } from '../firmware-protocol/command.ts';
import type { commands } from '../firmware-protocol/commands.ts';
import type { Slot } from '../firmware-protocol/slots.ts';
import type { BoardTime } from './board-time.ts';
import type { Chip, Wave } from './chip.ts';
import type { Lasting } from './work-queue.ts';

export type Batch = RequestOf<(typeof commands)['run']>;
export type Outcome = ReplyOf<(typeof commands)['run']>;

/** What emitting a batch needs of the board that does it. */
export interface Emitter {
  readonly chip: Chip;
  readonly time: BoardTime;
  /** When the board clock was 0, us of the board's life. */
  readonly startedUs: number;
  waveOf(wave: number): Wave;
  /** Told how far a batch is: before its first slot, and as each begins. */
  progress(batch: number, slotsDone: number): void;
  /** False once the power has failed, which it may at the end of a slot. */
  hasPower(slotsDone: number, isEnd: boolean): boolean;
  /** True once outputs must rest: the pulses of the present slot end, no other begins, and nobody waits. */
  isCut(): boolean;
}

/** Emits an admitted batch slot by slot. Gives no outcome when the power failed. */
export function* runBatch(
  { batch, gapUs, slots, atUs }: Batch,
  slackUs: number | undefined,
  { chip, time, startedUs, waveOf, progress, hasPower, isCut }: Emitter,
): Lasting<Outcome> {
  progress(batch, 0);
  const dueUs = atUs === undefined ? time.nowUs() : startedUs + atUs;
  while (time.nowUs() < dueUs && !isCut()) yield dueUs;
  // Exactly when it is due: a host's timer wakes late, a board's does not.
  chip.restUntil(Math.min(time.nowUs(), dueUs));
  const beganUs = chip.timeUs - startedUs;

  const codes = new Int32Array(2 * pulsesOf(slots));
  let slotsDone = 0;
  let pulses = 0;
  for (const slot of slots) {
    if (!hasPower(slotsDone, false)) return undefined;
    if (isCut()) break;
    chip.emit(slot, waveOf, codes, pulses);
    slotsDone += 1;
    pulses += slot.length;
    progress(batch, slotsDone);
    while (time.nowUs() < chip.timeUs) yield chip.timeUs;
    const restedUs = chip.timeUs + gapUs;
    while (time.nowUs() < restedUs && !isCut()) yield restedUs;
    chip.restUntil(Math.min(time.nowUs(), restedUs));
  }
  if (!hasPower(slotsDone, true)) return undefined;
  return {
    batch,
    startedUs: beganUs,
    slackUs,
    slotsDone: slotsDone < slots.length ? slotsDone : undefined,
    boardTimeUs: chip.timeUs - startedUs,
    codes: codes.subarray(0, 2 * pulses),
  };
}

export const pulsesOf = (slots: readonly Slot[]): number => slots.reduce((sum, slot) => sum + slot.length, 0);
