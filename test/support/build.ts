import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Tests that start the command line run the built program, so build it first. */
export function setup(): void {
  const root = join(import.meta.dirname, '..', '..');
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc'], { cwd: root, stdio: 'inherit' });
}
