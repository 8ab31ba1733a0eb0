import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { systemCodeOf } from '../../core/errors.ts';
import { DAEMON_FILE, DAEMON_FOLDER, DEFAULT_URL } from '../../daemon/places.ts';

/** Of whatever may be at an address. */
const PATIENCE_MS = 1_500;

/**
 * Whether a daemon may be there that can be asked for a board: one of this folder of runs, or one that listens where the environment
 * says. It asks nothing: to ask takes half a second of loading, which a command without a daemon is spared.
 */
export async function mayHaveDaemon(
  runs: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  return (
    isKnown(join(runs, DAEMON_FOLDER, DAEMON_FILE)) || listens(environment['FNLOOP_DAEMON'] || DEFAULT_URL)
  );
}

/** What cannot be understood is left to who knows the file. */
function isKnown(file: string): boolean {
  let pid: unknown;
  try {
    ({ pid } = JSON.parse(readFileSync(file, 'utf8')) as { readonly pid: unknown });
  } catch (error) {
    return systemCodeOf(error) !== 'ENOENT';
  }
  if (typeof pid !== 'number') return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCodeOf(error) !== 'ESRCH';
  }
}

/** True also for what is no address: who is to ask there complains of it. */
async function listens(text: string): Promise<boolean> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.hostname === '') return true;
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ''), port, timeout: PATIENCE_MS });
  return new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    for (const gone of ['error', 'timeout', 'close'] as const) socket.once(gone, () => resolve(false));
  }).finally(() => socket.destroy());
}
