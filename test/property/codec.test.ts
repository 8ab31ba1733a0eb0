import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellList } from '../../firmware-protocol/cell-list.ts';
import { crc16 } from '../../firmware-protocol/crc16.ts';
import { type Line, readLine, spellLine } from '../../firmware-protocol/line.ts';
import { packedSlots } from '../../firmware-protocol/slots.ts';
import { packedCodes } from '../../firmware-protocol/words.ts';

const slots = fc.array(
  fc.uniqueArray(
    fc.record({
      cell: fc.integer({ min: 0, max: 65_535 }),
      kind: fc.constantFrom('SET' as const, 'RESET' as const),
      wave: fc.integer({ min: 0, max: 127 }),
    }),
    { selector: ({ cell }) => cell, maxLength: 40 },
  ),
  { minLength: 1, maxLength: 6 },
);

test('what is packed unpacks to the same', () => {
  fc.assert(
    fc.property(
      slots,
      (value) => void expect(packedSlots('s').decode(packedSlots('s').encode(value))).toEqual(value),
    ),
  );
  const codes = fc.array(fc.integer({ min: -(2 ** 23), max: 2 ** 23 - 1 }));
  fc.assert(
    fc.property(
      codes,
      (value) =>
        void expect([...packedCodes('c').decode(packedCodes('c').encode(Int32Array.from(value)))]).toEqual(
          value,
        ),
    ),
  );
  const cells = fc
    .uniqueArray(fc.integer({ min: 0, max: 65_535 }), { minLength: 1 })
    .map((list) => list.sort((a, b) => a - b));
  fc.assert(
    fc.property(
      cells,
      (value) => void expect(cellList('c').decode(cellList('c').encode(value))).toEqual(value),
    ),
  );
});

const key = fc.stringMatching(/^[a-z][a-z0-9_]{0,15}$/);
const value = fc.stringMatching(/^[!-)+-~]{0,40}$/);
const name = fc.stringMatching(/^[A-Z][A-Z_]{0,15}$/).filter((text) => text !== 'OK' && text !== 'ERR');
const fields = fc.array(fc.tuple(key, value)).map((pairs) => new Map(pairs));
const id = fc.integer({ min: 1, max: 65_535 });
const line: fc.Arbitrary<Line> = fc.oneof(
  fc.record({ kind: fc.constant('request' as const), id, verb: name, fields }),
  fc.record({ kind: fc.constantFrom('ok' as const, 'error' as const), id, fields }),
  fc.record({ kind: fc.constant('event' as const), name, fields }),
);

test('what is spelled reads back as the same line', () => {
  fc.assert(
    fc.property(line, (spelled) => void expect(readLine(spellLine(spelled))).toEqual(spelled)),
    { numRuns: 2000 },
  );
});

test('any text gives a line or a reason, never a throw; accepted lines have a right checksum', () => {
  const mutated = fc.tuple(line, fc.nat(), fc.integer({ min: 0, max: 255 })).map(([original, at, byte]) => {
    const text = spellLine(original);
    const place = at % text.length;
    return text.slice(0, place) + String.fromCharCode(byte) + text.slice(place + 1);
  });
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), mutated), (text) => {
      if (readLine(text).kind === 'bad') return;
      const bare = text.replace(/\r$/, '');
      expect(crc16(bare.slice(0, -5))).toBe(Number.parseInt(bare.slice(-4), 16));
    }),
    { numRuns: 20_000 },
  );
});
