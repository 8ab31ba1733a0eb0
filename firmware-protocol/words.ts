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
      words.forEach((word, index) => {
        if (word > MAX_WORD)
          throw new FieldError('out-of-range', key, `word ${index} is ${word}, above 24 bits`);
        bytes.writeUIntBE(word, index * 3, 3);
      });
      return bytes.toString('base64');
    },
    decode: (text) => {
      if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*$/.test(text)) {
        throw new FieldError(
          'bad-value',
          key,
          `expected whole 4-character base64 words, found ${text.length} characters`,
        );
      }
      const bytes = Buffer.from(text, 'base64');
      return Uint32Array.from({ length: bytes.length / 3 }, (_, index) => bytes.readUIntBE(index * 3, 3));
    },
  };
}

/** Signed 24-bit converter codes. Throws `out-of-range` beyond -2^23 to 2^23 - 1. */
export function packedCodes(key: string): Field<Int32Array> {
  const words = packedWords(key);
  return {
    ...words,
    accepts: 'base64 of signed 24-bit codes',
    encode: (codes) =>
      words.encode(
        Uint32Array.from(codes, (code) => {
          if (code >= -SIGN && code < SIGN) return code & MAX_WORD;
          throw new FieldError('out-of-range', key, `converter code ${code} needs more than 24 bits`);
        }),
      ),
    decode: (text) => Int32Array.from(words.decode(text), (word) => (word < SIGN ? word : word - 2 * SIGN)),
  };
}

const MAX_WORD = 0xffffff;
const SIGN = 0x800000;
