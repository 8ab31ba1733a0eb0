/**
 * CRC-16/CCITT-FALSE (polynomial 0x1021, start 0xFFFF, not reflected, no final XOR) of the low bytes of a
 * text's character codes. Check value: crc16('123456789') = 0x29B1. Python: binascii.crc_hqx(data, 0xFFFF).
 */
export function crc16(text: string): number {
  const bytes = Buffer.from(text, 'latin1');
  const whole = bytes.length & ~3;
  let crc = 0xffff;
  // Four bytes at a time: their tables are looked up side by side, not one after the other.
  for (let i = 0; i < whole; i += 4) {
    crc =
      (FOURTH[(crc >> 8) ^ (bytes[i] ?? 0)] ?? 0) ^
      (THIRD[(crc & 0xff) ^ (bytes[i + 1] ?? 0)] ?? 0) ^
      (SECOND[bytes[i + 2] ?? 0] ?? 0) ^
      (FIRST[bytes[i + 3] ?? 0] ?? 0);
  }
  for (let i = whole; i < bytes.length; i += 1) crc = shifted(crc, bytes[i] ?? 0);
  return crc;
}

const shifted = (crc: number, byte: number): number =>
  ((crc << 8) & 0xffff) ^ (FIRST[(crc >> 8) ^ byte] ?? 0);

/** What a byte contributes to the CRC when it is the last one. */
const FIRST = Uint16Array.from({ length: 256 }, (_, index) => {
  let crc = index << 8;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc;
});

/** The same with one, two and three bytes behind it. */
const SECOND = FIRST.map((crc) => shifted(crc, 0));
const THIRD = SECOND.map((crc) => shifted(crc, 0));
const FOURTH = THIRD.map((crc) => shifted(crc, 0));
