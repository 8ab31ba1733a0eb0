import { FnloopError } from '../../core/errors.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** What of a request tells where a browser sends it from. */
export interface Sent {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly secFetchSite: string | undefined;
}

/**
 * Throws `not-allowed` unless the request names this daemon by one of its own names (a name that an attacker lets point here is
 * none), and comes from a page of its own or from no page at all.
 */
export function assertOwnOrigin({ host, origin, secFetchSite }: Sent, hosts: readonly string[]): void {
  const hostname = host === undefined ? undefined : hostnameOf(`http://${host}`);
  if (hostname === undefined || ![...LOOPBACK, ...hosts].includes(hostname))
    throw new FnloopError('not-allowed', 'The header Host names none of this daemon: add it to its hosts.');
  if (secFetchSite !== undefined && secFetchSite !== 'same-origin' && secFetchSite !== 'none')
    throw new FnloopError('not-allowed', 'Pages of other origins may ask nothing of this daemon.');
  if (origin === undefined) return;
  const isOwn = /^https?:\/\//.test(origin) && origin.replace(/^https?:\/\//, '') === host;
  if (!isOwn) throw new FnloopError('not-allowed', 'Pages of other origins may ask nothing of this daemon.');
}

function hostnameOf(url: string): string | undefined {
  const parsed = parse(url);
  return parsed?.pathname === '/' && parsed.username === '' && parsed.search === ''
    ? parsed.hostname
    : undefined;
}

function parse(url: string): URL | undefined {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}
