import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import type { BoardAddress } from './address.ts';
import { isOwnHost } from './same-place.ts';

/** Short, since the path of a socket may have no more than 107 characters. */
const NAME_DIGITS = 24;

/**
 * Names under which the processes that hold a port find each other: by the port as it was given first, then by the place that this leads
 * to now. None for a mock of a process's own and for a replay, which nobody else holds.
 */
export const holderNames = (address: BoardAddress): readonly string[] => [
  ...new Set(
    portsOf(address).map((port) => createHash('sha256').update(port).digest('hex').slice(0, NAME_DIGITS)),
  ),
];

function portsOf(address: BoardAddress): readonly string[] {
  if (address.scheme === 'tcp') {
    const host = isOwnHost(address.host) ? 'localhost' : address.host.toLowerCase();
    return [`tcp:${host}:${address.port}`];
  }
  if (address.scheme !== 'serial') return [];
  if (process.platform === 'win32') return [`serial:${address.path.toUpperCase()}`];
  return [`serial:${resolve(address.path)}`, `serial:${whereItLeads(address.path)}`];
}

function whereItLeads(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
