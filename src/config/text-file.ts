import { closeSync, openSync, readSync } from 'node:fs';
import { FnloopError, messageOf } from '../core/errors.ts';

const CHUNK_BYTES = 65_536;

/**
 * The text of a file of at most so many bytes, UTF-8 or UTF-16 by its byte-order mark; a sentence without subject where it is none. More
 * is never read, whatever the file is: some have no end. Throws `file-missing`.
 */
export function readText(path: string, mostBytes: number): { readonly text: string } | string {
  const bytes = firstBytes(path, mostBytes + 1);
  if (bytes.length > mostBytes)
    return `is too long: expected at most ${mostBytes.toLocaleString('en')} bytes`;
  try {
    return { text: new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes) };
  } catch {
    return 'is no text in UTF-8: save it as UTF-8';
  }
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return 'utf-8';
}

function firstBytes(path: string, most: number): Buffer {
  try {
    const file = openSync(path, 'r');
    try {
      const parts: Buffer[] = [];
      for (let length = 0; length < most; ) {
        const part = Buffer.alloc(Math.min(CHUNK_BYTES, most - length));
        const read = readSync(file, part);
        if (read === 0) break;
        parts.push(part.subarray(0, read));
        length += read;
      }
      return Buffer.concat(parts);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw new FnloopError('file-missing', `Cannot read ${path}: ${messageOf(cause)}.`, { cause });
  }
}
