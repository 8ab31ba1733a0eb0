import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createMockBoard, servePty, serveTcp, type WireEnd } from '../../mocks/index.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

/** How `fnloop safe` finds its board: at a port that nobody has, or that another fnloop works at. */
export interface Place {
  readonly via: 'pty' | 'tcp';
  readonly isHeld: boolean;
  /** Of the board; as fast as this machine goes where absent. */
  readonly time?: 'real';
}

export interface CommandedSafe {
  /** From the command's start to the bytes of SAFE at the board, ms, the least first. */
  readonly tookMs: readonly number[];
  /** What a command ended with instead of status 0. */
  readonly refused: readonly string[];
}

/** Says `fnloop safe` so many times, each in a process of its own, at a mock of this process. */
export async function commandSafe(
  { via, isHeld, time }: Place,
  { folder, times }: { readonly folder: string; readonly times: number },
): Promise<CommandedSafe> {
  const { address, arrival, close } = await heardMock(
    via,
    join(folder, `safe-${via}-${isHeld}-${time}`),
    time,
  );
  const tookMs: number[] = [];
  const refused: string[] = [];
  try {
    for (let done = 0; done < times; done += 1) {
      const holder = isHeld ? await holding(address, folder) : undefined;
      const heard = arrival(' SAFE');
      const startMs = performance.now();
      const child = spawn(process.execPath, [MAIN, 'safe', '--board', address, '--runs', folder], {
        stdio: 'ignore',
      });
      const closed = once(child, 'close');
      const atMs = await Promise.race([heard, closed.then(() => Number.NaN)]);
      const [status] = await closed;
      if (Number.isNaN(atMs) || status !== 0) refused.push(`status ${status}`);
      else tookMs.push(atMs - startMs);
      await holder?.ended;
    }
  } finally {
    await close();
  }
  return { tookMs: tookMs.toSorted((one, other) => one - other), refused };

  /** A soak that has begun to pulse; SAFE ends it. */
  async function holding(at: string, runs: string) {
    const pulses = arrival(' RUN ');
    const child = spawn(
      process.execPath,
      [MAIN, 'soak', '--board', at, '--updates', '1000000000', '--runs', runs],
      {
        stdio: 'ignore',
      },
    );
    const ended = once(child, 'close');
    await pulses;
    return { ended };
  }
}

/** A mock at an address for others, and when a word arrives there next, ms. */
async function heardMock(via: Place['via'], path: string, time: Place['time']) {
  const mock = createMockBoard({ preset: 'dam-a', cells: 64, time });
  const waiting = new Map<string, (atMs: number) => void>();
  const end: WireEnd = {
    onSend: () => {},
    receive: (bytes) => {
      for (const [word, tell] of waiting) {
        if (!bytes.includes(word)) continue;
        waiting.delete(word);
        tell(performance.now());
      }
      mock.receive(bytes);
    },
  };
  mock.onSend = (bytes) => end.onSend(bytes);
  const arrival = (word: string) => new Promise<number>((resolve) => waiting.set(word, resolve));
  if (via === 'pty') {
    const { path: at, close } = await servePty(end, path);
    return { address: `serial:${at}`, arrival, close };
  }
  const { port, close } = await serveTcp(end, { host: '127.0.0.1', port: 0 });
  return { address: `tcp:127.0.0.1:${port}`, arrival, close };
}
