import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FnloopError } from './errors.ts';

/** The folder that holds package.json, whether the code runs from source or from dist. */
export const packageRoot: string = findRoot(dirname(fileURLToPath(import.meta.url)));

/** Version of the package, and the commit it was built from where git knows it. */
export function softwareVersion(): { readonly version: string; readonly commit: string | null } {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string;
  };
  const built = join(packageRoot, 'dist', 'commit.txt');
  return { version, commit: existsSync(built) ? readFileSync(built, 'utf8').trim() : null };
}

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new FnloopError('invariant', 'fnloop was installed without its package.json.');
  return findRoot(parent);
}
