import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

const MAIN = join(import.meta.dirname, '..', '..', 'dist', 'src', 'cli', 'main.js');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts the built command line; killed when the test ends, should it still run. */
export function startFnloop(...parameters: string[]): Started {
  const started = spawnFnloop(parameters);
  onTestFinished(() => void started.child.kill('SIGKILL'));
  return started;
}

/** Runs the built command line to its end. */
export const fnloop = (...parameters: string[]): Promise<Ended> => spawnFnloop(parameters).ended;

function spawnFnloop(parameters: readonly string[]): Started {
  const child = spawn(process.execPath, [MAIN, ...parameters], { stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    text.stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    text.stderr += chunk.toString();
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...text }));
  return { child, ended };
}

/** Runs it with --json and parses what it printed; throws where it failed. */
export async function fnloopJson<T>(...parameters: string[]): Promise<T> {
  const { code, stdout, stderr } = await fnloop(...parameters, '--json');
  if (code !== 0) throw new Error(`fnloop ${parameters.join(' ')} exited with ${code}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

/** What commands find in their environment until the test ends. */
export function inEnvironment(values: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(values)) {
    process.env[name] = value;
    onTestFinished(() => void delete process.env[name]);
  }
}

/** Starts `fnloop mock` and waits until it is ready. */
export const startMock = (...parameters: string[]) => startServing('mock', ...parameters);

/** Starts a command that serves, and waits until it says that it does. */
export async function startServing(...parameters: string[]) {
  const started = startFnloop(...parameters);
  if (started.child.stdout === null) throw new Error('no stdout');
  const lines = createInterface({ input: started.child.stdout });
  const line = await Promise.race([
    once(lines, 'line').then(([first]) => first as string),
    started.ended.then(({ stderr }) => Promise.reject(new Error(`fnloop ${parameters[0]} ended: ${stderr}`))),
  ]);
  return { ...started, ready: JSON.parse(line) as { ready: boolean; address: string } };
}
