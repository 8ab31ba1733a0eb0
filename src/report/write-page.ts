import { writeFileSync } from 'node:fs';
import { FnloopError, messageOf } from '../core/errors.ts';

/** Writes a page. Throws `record-failed`. */
export function writePage(path: string, page: string): void {
  try {
    writeFileSync(path, page);
  } catch (cause) {
    throw new FnloopError('record-failed', `Cannot write the report ${path}: ${messageOf(cause)}.`, {
      cause,
    });
  }
}
