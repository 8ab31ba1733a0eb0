import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Tests that start the command line run the built program, so build it first. */
export function setup(): void {
  const root = join(import.meta.dirname, '..', '..');
  const page = ['node_modules/vite/bin/vite.js', 'build', '--config', 'src/daemon/web/vite.config.mjs'];
  for (const parameters of [['node_modules/typescript/bin/tsc'], page])
    execFileSync(process.execPath, parameters, { cwd: root, stdio: 'inherit' });
}
