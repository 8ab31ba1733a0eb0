import { describe, expect, test } from 'vitest';
import { maxCellsPerRead, maxPulsesPerBatch } from '../../../firmware-protocol/capacity.ts';
import { cellList } from '../../../firmware-protocol/cell-list.ts';
import { decodeFields, encodeFields } from '../../../firmware-protocol/codec.ts';
import { read, result, wave } from '../../../firmware-protocol/commands.ts';
import { MAX_ID, spellLine } from '../../../firmware-protocol/line.ts';
import { packedSlots } from '../../../firmware-protocol/slots.ts';
import { packedCodes, packedWords } from '../../../firmware-protocol/words.ts';

const fault = (key: string, code: string) =>
  expect.objectContaining({ name: 'FieldError', key, fault: code });

describe('fields', () => {
  test('a fault names the field', () => {
    const values = { wave: 0, amplitudeV: 0.3, widthUs: 1 };
    expect(() => encodeFields(wave.request, { ...values, amplitudeV: 21 })).toThrow(
      fault('amp_uv', 'out-of-range'),
    );
    expect(() => encodeFields(wave.request, { ...values, widthUs: 1.5 })).toThrow(
      fault('width_us', 'bad-value'),
    );
    const fields = new Map([
      ['wave', '0'],
      ['amp_uv', '300000'],
    ]);
    expect(() => decodeFields(wave.request, fields, { unknown: 'refuse' })).toThrow(
      fault('width_us', 'missing-field'),
    );
    fields.set('width_us', '1e3');
    expect(() => decodeFields(wave.request, fields, { unknown: 'refuse' })).toThrow(
      fault('width_us', 'bad-value'),
    );
    fields.set('width_us', '1000').set('shape', 'sine');
    expect(() => decodeFields(wave.request, fields, { unknown: 'refuse' })).toThrow(
      fault('shape', 'unknown-field'),
    );
    expect(decodeFields(wave.request, fields, { unknown: 'ignore' })).toEqual({ ...values, widthUs: 1000 });
  });

  test('cell lists ascend, without repeats', () => {
    const cells = cellList('cells');
    expect(cells.encode([0, 1, 2, 5])).toBe('0-2,5');
    for (const text of ['', '3-1', '1,1', '2,1', '0-3,3', '-1', '1-', '70000', '1,,2', 'a']) {
      expect(() => cells.decode(text), text).toThrow(fault('cells', 'bad-value'));
    }
    for (const list of [[], [1, 1], [2, 1], [0.5], [-1], [65_536]]) {
      expect(() => cells.encode(list), String(list)).toThrow(fault('cells', 'bad-value'));
    }
  });

  test('words are 24 bits, four characters each', () => {
    expect(packedWords('w').encode(Uint32Array.of(0, 1, 0xffffff))).toBe('AAAAAAAB////');
    expect(() => packedWords('w').encode(Uint32Array.of(0x1000000))).toThrow(fault('w', 'out-of-range'));
    for (const text of ['AAA', 'AA=A', 'AA==', 'AAA=', 'AA-_', 'AA A', 'AAAAA', 'AAAé', 'AAA\n'])
      expect(() => packedWords('w').decode(text), text).toThrow(fault('w', 'bad-value'));
    expect(() => packedCodes('c').encode(Int32Array.of(2 ** 23))).toThrow(fault('c', 'out-of-range'));
  });

  test('slots are whole and pulse no cell twice', () => {
    const slots = packedSlots('slots');
    const pulse = { cell: 1, kind: 'SET', wave: 2 } as const;
    for (const bad of ['', 'AAAC' + 'AAAB', 'AAAC' + 'AAAB' + 'gAAB']) {
      expect(() => slots.decode(bad), bad).toThrow(fault('slots', 'bad-value'));
    }
    expect(() => slots.encode([[{ ...pulse, cell: 65_536 }]])).toThrow(fault('slots', 'out-of-range'));
    expect(() => slots.encode([[{ ...pulse, wave: 128 }]])).toThrow(fault('slots', 'out-of-range'));
    expect(slots.decode('AAAA')).toEqual([[]]);
  });

  test('the fullest batch and reading fit a line', () => {
    for (const lineBytes of [512, 4096, 65_536]) {
      const most = Number.MAX_SAFE_INTEGER;
      const outcome = {
        bootNonce: 0xffffffff,
        lastBatch: 0xffffffff,
        state: 'done' as const,
        startedUs: most,
        slackUs: -most,
        slotsDone: 65_535,
        boardTimeUs: most,
        codes: new Int32Array(2 * maxPulsesPerBatch(lineBytes)),
      };
      const reply = spellLine({ kind: 'ok', id: MAX_ID, fields: encodeFields(result.reply, outcome) });
      expect(reply.length + 1).toBeLessThanOrEqual(lineBytes);
      expect(reply.length + 1).toBeGreaterThan(lineBytes - 16);
      const cells = Array.from({ length: maxCellsPerRead(lineBytes) }, (_, index) => 2 * index).map(
        (cell) => cell % 65_536,
      );
      const scattered = cells.every((cell, index) => index === 0 || cell > (cells[index - 1] ?? 0));
      expect(scattered).toBe(true);
      const request = spellLine({
        kind: 'request',
        id: MAX_ID,
        verb: 'READ',
        fields: encodeFields(read.request, { cells }),
      });
      expect(request.length + 1).toBeLessThanOrEqual(lineBytes);
    }
  });
});
