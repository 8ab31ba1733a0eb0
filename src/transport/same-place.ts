import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import type { BoardAddress } from './address.ts';

const LOOPBACK = /^(localhost|::1|127(\.\d{1,3}){3})$/;

/** A name by which a machine means itself. */
export const isOwnHost = (host: string): boolean => LOOPBACK.test(host.toLowerCase().replace(/^\[|\]$/g, ''));

/** Whether both are one port, said on one machine. A mock of a process's own and a replay are no places. */
export function isSamePlace(one: BoardAddress, other: BoardAddress): boolean {
  if (one.scheme === 'serial' && other.scheme === 'serial') return fileOf(one.path) === fileOf(other.path);
  if (one.scheme !== 'tcp' || other.scheme !== 'tcp' || one.port !== other.port) return false;
  return isOwnHost(one.host) ? isOwnHost(other.host) : one.host.toLowerCase() === other.host.toLowerCase();
}

/** True where another machine that says the same means the same. */
export const isMeantAlikeElsewhere = (address: BoardAddress): boolean =>
  address.scheme === 'tcp' && !isOwnHost(address.host);

/** What a name such as /dev/serial/by-id/... leads to; the name itself where it leads nowhere now. */
function fileOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
