import { expect, test } from 'vitest';
import { crc16 } from '../../../firmware-protocol/crc16.ts';

test('has the check value of CRC-16/CCITT-FALSE', () => {
  expect(crc16('123456789')).toBe(0x29b1);
  expect(crc16('')).toBe(0xffff);
});
