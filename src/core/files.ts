import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemCodeOf } from './errors.ts';

/**
 * A file name for an id. Ids that are no safe file names everywhere (a colon, capitals that some systems do not tell
 * apart, names of devices) are made so, and told apart by a hash after a dot, which no plain name has.
 */
export function safeFileName(id: string): string {
  const isPlain = /^[a-z0-9][a-z0-9_-]*$/.test(id) && !/^(con|prn|aux|nul|com\d|lpt\d)$/.test(id);
  if (isPlain) return id;
  const hash = createHash('sha256').update(id).digest('hex').slice(0, 8);
  return `${id.toLowerCase().replace(/[^a-z0-9_-]/g, '_')}.${hash}`;
}

/**
 * Makes a folder with its parents, one by one: Node's recursive mkdir never returns below /proc. Another process may make it at the
 * same time. Throws as `node:fs`.
 */
export function makeFolders(path: string): void {
  if (existsSync(path)) return;
  makeFolders(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw error;
  }
}
