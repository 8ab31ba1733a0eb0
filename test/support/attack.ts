import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What `attacks.mjs` does. */
export type AttackKind =
  | 'silent-512'
  | 'silent-5000'
  | 'slow-heads'
  | 'slow-bodies'
  | 'half-open'
  | 'no-readers'
  | 'event-readers'
  | 'pipelined'
  | 'documents'
  | 'exports'
  | 'requests';

const inSource = new URL('attacks.mjs', import.meta.url);

export interface Attack {
  /** Connections and answers, by status, so far. */
  readonly came: Readonly<Record<string, number>>;
  end(): Promise<void>;
}

/** Troubles the daemon at `url` from a process of its own; resolves once it does. `script` where this one is built elsewhere. */
export async function attack(
  kind: AttackKind,
  url: string,
  { token = '', run = 'last', script = fileURLToPath(inSource) } = {},
): Promise<Attack> {
  const child = spawn(process.execPath, [script, kind, url, token, run], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  let came: Record<string, number> = {};
  await once(lines, 'line');
  lines.on('line', (line) => {
    came = JSON.parse(line) as Record<string, number>;
  });
  return {
    get came() {
      return came;
    },
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
