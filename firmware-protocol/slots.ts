import { MAX_CELL } from './cell-list.ts';
import { FieldError } from './faults.ts';
import type { Field } from './field.ts';
import { packedWords } from './words.ts';

export type PulseKind = 'SET' | 'RESET';

/** One pulse of a slot: SET boosts the cell's S node, RESET its R node, with the shape of `wave`. */
export interface SlotPulse {
  readonly cell: number;
  readonly kind: PulseKind;
  readonly wave: number;
}

/** Pulses that start together; the slot lasts as long as its longest pulse. An empty slot is a rest of one gap. */
export type Slot = readonly SlotPulse[];

/**
 * Slots packed as words: each slot is a word with its pulse count, then one word a pulse:
 * bit 23 RESET, bits 22..16 wave, bits 15..0 cell.
 */
export function packedSlots(key: string): Field<readonly Slot[]> {
  const words = packedWords(key);
  const refuse = (message: string): never => {
    throw new FieldError('bad-value', key, message);
  };
  return {
    ...words,
    accepts: 'base64 of slot words',
    encode: (slots) => {
      const packed = new Uint32Array(slots.reduce((sum, { length }) => sum + 1 + length, 0));
      let next = 0;
      for (const slot of slots) {
        packed[next++] = slot.length;
        for (const pulse of slot) packed[next++] = pulseWord(key, pulse);
      }
      return words.encode(packed);
    },
    decode: (text) => {
      const packed = words.decode(text);
      const slots: Slot[] = [];
      for (let next = 0; next < packed.length; ) {
        const count = packed[next] ?? 0;
        const end = next + 1 + count;
        if (end > packed.length)
          refuse(`slot ${slots.length} announces ${count} pulses, ${packed.length - next - 1} follow`);
        const slot: SlotPulse[] = [];
        const cells = new Set<number>();
        for (const word of packed.subarray(next + 1, end)) {
          cells.add(word & MAX_CELL);
          slot.push(slotPulse(word));
        }
        if (cells.size < slot.length) refuse(`slot ${slots.length} pulses a cell twice`);
        slots.push(slot);
        next = end;
      }
      if (slots.length === 0) refuse('expected at least one slot');
      return slots;
    },
  };
}

/** Wave numbers have 7 bits on the wire. */
export const MAX_WAVE = 0x7f;

const fits = (value: number, max: number): boolean => Number.isInteger(value) && value >= 0 && value <= max;

function pulseWord(key: string, { cell, kind, wave }: SlotPulse): number {
  if (!fits(cell, MAX_CELL))
    throw new FieldError('out-of-range', key, `cell ${cell} is not 0 to ${MAX_CELL}`);
  if (!fits(wave, MAX_WAVE))
    throw new FieldError('out-of-range', key, `wave ${wave} is not 0 to ${MAX_WAVE}`);
  return (kind === 'RESET' ? 0x800000 : 0) | (wave << 16) | cell;
}

const slotPulse = (word: number): SlotPulse => ({
  cell: word & MAX_CELL,
  kind: word & 0x800000 ? 'RESET' : 'SET',
  wave: (word >> 16) & MAX_WAVE,
});
