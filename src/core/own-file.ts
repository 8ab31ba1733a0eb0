import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { FnloopError, messageOf } from './errors.ts';

/** Permissions of a file that others than its owner may use. */
const OF_OTHERS = 0o077;

/**
 * The text of a file with secrets, which has to be its owner's alone: the permissions are those of the very file that is read.
 * `what` it is stands in errors. Throws `file-missing` or `config-invalid`.
 */
export function readOwnFile(file: string, what: string): string {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (cause) {
    throw new FnloopError('file-missing', `Cannot read the ${what} ${file}: ${messageOf(cause)}.`, {
      cause,
    });
  }
  try {
    const { mode } = fstatSync(handle);
    if (process.platform !== 'win32' && (mode & OF_OTHERS) !== 0) {
      throw new FnloopError(
        'config-invalid',
        `The ${what} ${file} may be used by others (mode ${(mode & 0o777).toString(8)}). Keep it to yourself: chmod 600 ${file}`,
      );
    }
    return readFileSync(handle, 'utf8');
  } finally {
    closeSync(handle);
  }
}
