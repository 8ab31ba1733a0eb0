import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { messageOf, systemCodeOf } from '../core/errors.ts';
import { authorization, type Credentials } from './credentials.ts';
import type { Lines } from './line-texts.ts';
import { Poster, type Reply } from './post.ts';
import type { Target } from './target.ts';

/** What became of lines that were posted. */
export type Answer =
  | { readonly kind: 'stored' }
  /** Some or all of them will never be taken as they are; those that could be may have been stored. */
  | { readonly kind: 'refused'; readonly reason: string; readonly isTooLarge?: boolean }
  /** Nobody knows whether they are stored; the same lines may be posted again, later. */
  | { readonly kind: 'unavailable'; readonly reason: string; readonly retryAfterMs?: number | undefined };

/** Takes lines of points; versions of InfluxDB differ in nothing else that matters here. */
export interface WriteEndpoint {
  /** Posts under way at once; more wait. */
  readonly inFlight: number;
  write(lines: Lines, signal: AbortSignal): Promise<Answer>;
  close(): void;
}

const IN_FLIGHT = 2;
const SILENCE_MS = 30_000;
/** Answers that are about the points; all others are about the server, the way to it, or who asks. */
const TOO_LARGE = 413;
const REFUSALS = [400, TOO_LARGE, 422];
const STORED = [200, 204];
const FAST = { level: constants.Z_BEST_SPEED };
const zip = promisify(gzip);

/** The endpoint of 1.x is `write`, that of 2.x and 3.x `api/v2/write`. */
export function writeUrl(target: Target): URL {
  const url = new URL(target.version === 1 ? 'write' : 'api/v2/write', target.server);
  const parameters: Record<string, string> =
    target.version === 1
      ? {
          db: target.database,
          ...(target.retentionPolicy === undefined ? {} : { rp: target.retentionPolicy }),
        }
      : { org: target.org, bucket: target.bucket };
  url.search = String(new URLSearchParams({ ...parameters, precision: 'ns' }));
  return url;
}

/** Writes to a server over HTTP, compressed unless it is on this machine. */
export function openEndpoint(
  target: Target,
  credentials: Credentials,
  silenceMs = SILENCE_MS,
): WriteEndpoint {
  const poster = new Poster(writeUrl(target), IN_FLIGHT);
  const authorized = authorization(credentials);
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    ...(authorized === undefined ? {} : { authorization: authorized }),
    ...(target.isLoopback ? {} : { 'content-encoding': 'gzip' }),
  };
  return {
    inFlight: IN_FLIGHT,
    write: async (lines, signal) => {
      const body = target.isLoopback ? lines : [await zip(Buffer.concat(lines), FAST)];
      try {
        return answerOf(await poster.post(body, headers, silenceMs, signal));
      } catch (failure) {
        return { kind: 'unavailable', reason: systemCodeOf(failure) ?? messageOf(failure) };
      }
    },
    close: () => poster.close(),
  };
}

function answerOf({ status, retryAfter, body }: Reply): Answer {
  if (STORED.includes(status)) return { kind: 'stored' };
  const reason = `${status}: ${saidIn(body)}`;
  if (REFUSALS.includes(status))
    return { kind: 'refused', reason, ...(status === TOO_LARGE ? { isTooLarge: true } : {}) };
  return { kind: 'unavailable', reason, retryAfterMs: millisecondsOf(retryAfter) };
}

/** 1.x answers `error`, 2.x and 3.x `message`, proxies anything. */
function saidIn(body: string): string {
  try {
    const { error, message } = JSON.parse(body) as { error?: unknown; message?: unknown };
    return String(message ?? error ?? body);
  } catch {
    return body.trim() === '' ? 'without a reason' : body.trim().slice(0, 200);
  }
}

function millisecondsOf(retryAfter: string | undefined): number | undefined {
  const seconds = Number(retryAfter);
  return retryAfter === undefined || !(seconds >= 0) ? undefined : seconds * 1e3;
}
