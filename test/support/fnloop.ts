import { onTestFinished } from 'vitest';
import { type Ended, readyOf, type Started, spawnFnloop } from './command-line.ts';

/** Starts the built command line; killed when the test ends, should it still run. */
export function startFnloop(...parameters: string[]): Started {
  const started = spawnFnloop(parameters);
  onTestFinished(() => void started.child.kill('SIGKILL'));
  return started;
}

/** Runs the built command line to its end. */
export const fnloop = (...parameters: string[]): Promise<Ended> => spawnFnloop(parameters).ended;

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
  return { ...started, ready: await readyOf(started) };
}
