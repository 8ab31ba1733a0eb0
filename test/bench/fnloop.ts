import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { INFLUX_USER } from '../support/influxd.ts';
import { MemorySamples, residentMB } from '../support/memory.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const LOOK_EVERY_MS = 200;

/** The command line as a process of its own; returns what it printed. */
export async function fnloop(parameters: readonly string[]): Promise<string> {
  const { stdout, code } = await watchedFnloop(parameters);
  if (code !== 0) throw new Error(`fnloop ${parameters.join(' ')} exited with ${code}`);
  return stdout;
}

export interface Watched {
  readonly stdout: string;
  readonly code: number | null;
  /** Resident memory at its most after the first fifth, over its most in the second tenth. */
  readonly growthMB: number;
  readonly mostMB: number;
}

/** Watches its memory; kills it with -9 after `killAfterMs`. */
export async function watchedFnloop(parameters: readonly string[], killAfterMs?: number): Promise<Watched> {
  const child = spawn(process.execPath, [MAIN, ...parameters], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...INFLUX_USER },
  });
  let stdout = '';
  child.stdout.on('data', (part: Buffer) => {
    stdout += part.toString();
  });
  const samples = new MemorySamples();
  const startMs = performance.now();
  const looking = setInterval(() => {
    if (child.pid !== undefined) samples.add(residentMB(child.pid));
    if (killAfterMs !== undefined && performance.now() - startMs > killAfterMs) child.kill('SIGKILL');
  }, LOOK_EVERY_MS);
  const [code] = (await once(child, 'close')) as [number | null];
  clearInterval(looking);
  return { stdout, code, growthMB: samples.growthMB, mostMB: samples.mostMB };
}
