import { FieldError } from './faults.ts';
import type { Field } from './field.ts';

/**
 * Packed fields are sequences of 24-bit words, most significant byte first, in standard base64:
 * four characters a word, never padded. A converter code is one word in two's complement.
 */
export function packedWords(key: string): Field<Uint32Array> {
  return {
    key,
    accepts: 'base64 of 24-bit words',
    isOptional: false,
    encode: (words) => {
      const bytes = Buffer.allocUnsafe(words.length * 3);
      for (let index = 0, at = 0; index < words.length; index += 1, at += 3) {
        const word = words[index] ?? 0;
        if (word > MAX_WORD)
          throw new FieldError('out-of-range', key, `word ${index} is ${word}, above 24 bits`);
        bytes[at] = word >> 16;
        bytes[at + 1] = word >> 8;
        bytes[at + 2] = word;
      }
      return bytes.toString('base64');
    },
    decode: (text) => {
      const bytes = Buffer.from(text, 'base64');
      // Buffer skips what is not base64: text of whole words is what spells the same bytes again.
      if (bytes.length * 4 !== text.length * 3 || bytes.toString('base64') !== text) {
        throw new FieldError(
          'bad-value',
          key,
          `expected whole 4-character base64 words, found ${text.length} characters`,
        );
      }
      const words = new Uint32Array(bytes.length / 3);
      for (let index = 0, at = 0; index < words.length; index += 1, at += 3)
        words[index] = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
      return words;
    },
  };
}

/** Signed 24-bit converter codes. Throws `out-of-range` beyond -2^23 to 2^23 - 1. */
export function packedCodes(key: string): Field<Int32Array> {
  const words = packedWords(key);
  return {
    ...words,
    accepts: 'base64 of signed 24-bit codes',
    encode: (codes) => {
      const packed = new Uint32Array(codes.length);
      for (let index = 0; index < codes.length; index += 1) {
        const code = codes[index] ?? 0;
        if (code < -SIGN || code >= SIGN)
          throw new FieldError('out-of-range', key, `converter code ${code} needs more than 24 bits`);
        packed[index] = code & MAX_WORD;
      }
      return words.encode(packed);
    },
    decode: (text) => {
      const codes = new Int32Array(words.decode(text).buffer);
      // Up and down again: the shift back extends the sign.
      for (let index = 0; index < codes.length; index += 1) codes[index] = ((codes[index] ?? 0) << 8) >> 8;
      return codes;
    },
  };
}

const MAX_WORD = 0xffffff;
const SIGN = 0x800000;
