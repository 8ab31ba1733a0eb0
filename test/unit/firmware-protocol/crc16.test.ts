import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc16 } from '../../../firmware-protocol/crc16.ts';

test('has the check value of CRC-16/CCITT-FALSE', () => {
  expect(crc16('123456789')).toBe(0x29b1);
  expect(crc16('')).toBe(0xffff);
});

test('is that of one bit after the other, at any length and with any characters', () => {
  const bitwise = (text: string) => {
    let crc = 0xffff;
    for (let i = 0; i < text.length; i += 1) {
      crc ^= (text.charCodeAt(i) & 0xff) << 8;
      for (let bit = 0; bit < 8; bit += 1) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
    }
    return crc;
  };
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 100 }),
      (text) => void expect(crc16(text)).toBe(bitwise(text)),
    ),
  );
});
