import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { packageRoot } from '../../src/core/package.ts';

export const TRAIN_EXAMPLE = join(packageRoot, 'src', 'daemon', 'examples', 'train.py');

/** Runs the trainer outside, in Python, on a board of a daemon. */
export async function trainInPython(url: string, board: string, token = '') {
  const environment = { ...process.env, FNLOOP_DAEMON: url, FNLOOP_TOKEN: token };
  const child = spawn('python3', [TRAIN_EXAMPLE, board], { env: environment });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    text.stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    text.stderr += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...text };
}
