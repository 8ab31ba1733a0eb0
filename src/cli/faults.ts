import { existsSync } from 'node:fs';
import { readDocument } from '../config/document.ts';
import { FnloopError } from '../core/errors.ts';
import { loadMocks } from '../transport/mock.ts';

/**
 * Faults of a mock: a file that exists, or is named as one, is read; all else is the compact form. Throws
 * `config-invalid` for a file with problems, `usage` for a text that cannot be read.
 */
export async function faultsFrom(text: string, seed: number) {
  const mocks = await loadMocks();
  if (existsSync(text) || /\.ya?ml$/.test(text)) return readDocument(text, mocks.faultScript);
  try {
    return mocks.parseFaults(text, seed);
  } catch (cause) {
    if (cause instanceof RangeError)
      throw new FnloopError('usage', `--faults cannot be read: ${cause.message}.`, { cause });
    throw cause;
  }
}
