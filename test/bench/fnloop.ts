import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { INFLUX_USER } from '../support/influxd.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const BYTES_OF_PAGE = 4096;
const BYTES_PER_MB = 1e6;
const LOOK_EVERY_MS = 200;
/** Memory goes up and down with what waits to be collected: its highest in this part of the work is what it grows from. */
const WARM = { from: 0.1, to: 0.2 };

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
  const samplesMB: number[] = [];
  const startMs = performance.now();
  const looking = setInterval(() => {
    if (child.pid !== undefined) samplesMB.push(residentMB(child.pid));
    if (killAfterMs !== undefined && performance.now() - startMs > killAfterMs) child.kill('SIGKILL');
  }, LOOK_EVERY_MS);
  const [code] = (await once(child, 'close')) as [number | null];
  clearInterval(looking);
  const between = (from: number, to: number) =>
    Math.max(0, ...samplesMB.slice(Math.floor(from * samplesMB.length), Math.ceil(to * samplesMB.length)));
  return {
    stdout,
    code,
    growthMB: between(WARM.to, 1) - between(WARM.from, WARM.to),
    mostMB: between(0, 1),
  };
}

function residentMB(pid: number): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    return (pages * BYTES_OF_PAGE) / BYTES_PER_MB;
  } catch {
    // It has just ended.
    return 0;
  }
}
