import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { systemCodeOf } from '../core/errors.ts';
import { type HolderSocket, holderSockets } from './holder-places.ts';

/** Removes a socket that refused a connection, where the process is gone that it was of. What we may not remove does no harm. */
export function clearAway({ path, process: pid }: HolderSocket): void {
  if (!isGone(pid)) return;
  try {
    rmSync(path, { force: true });
  } catch (error) {
    if (systemCodeOf(error) === undefined) throw error;
  }
}

/** Removes what dead processes left behind under a name. A number alone proves nothing: it may be of another container's process. */
export async function clearDead(name: string, shared?: string): Promise<void> {
  const left = holderSockets([name], shared).filter(({ process: pid }) => isGone(pid));
  await Promise.all(left.map(async (holder) => (await isRefused(holder.path)) && clearAway(holder)));
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return systemCodeOf(error) === 'ESRCH';
  }
}

const PATIENCE_MS = 200;

const isRefused = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ path, timeout: PATIENCE_MS });
    const done = (isSo: boolean) => {
      socket.destroy();
      resolve(isSo);
    };
    socket.once('connect', () => done(false));
    socket.once('timeout', () => done(false));
    socket.once('error', (error) => done(systemCodeOf(error) === 'ECONNREFUSED'));
  });
