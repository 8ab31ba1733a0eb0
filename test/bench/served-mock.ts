import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

/** Told to serialport where nothing keeps a pace: deadlines follow from it. */
export const UNPACED_BAUD = 12_000_000;

export interface MockSettings {
  /** Pace of the wire; as fast as it goes where absent. */
  readonly baud: number | undefined;
  readonly cells: number;
  readonly seed: number;
}

export interface ServedMock {
  /** The pseudo-terminal at which it is reached. */
  readonly path: string;
  close(): Promise<void>;
}

/** `fnloop mock` in a process of its own, on virtual time and with all its noise. */
export async function serveMock(
  folder: string,
  name: string,
  { baud, cells, seed }: MockSettings,
): Promise<ServedMock> {
  const path = join(folder, name);
  const pace = baud === undefined ? [] : ['--baud', String(baud)];
  const child = spawn(
    process.execPath,
    [MAIN, 'mock', '--pty', path, '--cells', String(cells), '--seed', String(seed), ...pace],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const kill = () => void child.kill();
  process.once('exit', kill);
  const closed = once(child, 'close');
  await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    closed.then(([status]) => Promise.reject(new Error(`fnloop mock ended with status ${status}`))),
  ]);
  return {
    path,
    close: async () => {
      child.kill();
      await closed;
      process.off('exit', kill);
    },
  };
}
