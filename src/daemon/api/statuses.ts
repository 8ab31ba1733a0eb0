import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { type ErrorCode, FnloopError } from '../../core/errors.ts';

/** The HTTP status of each error that an answer may carry. */
export const statuses = {
  'config-invalid': 400,
  'token-needed': 401,
  'not-allowed': 403,
  'not-found': 404,
  'file-missing': 404,
  usage: 409,
  'state-invalid': 409,
  'not-resumable': 409,
  'calibration-invalid': 409,
  'calibration-stale': 409,
  'board-refused': 409,
  'brought-to-rest': 409,
  'chip-unfit': 409,
  'run-in-use': 409,
  'below-bound': 409,
  interrupted: 409,
  'too-large': 413,
  'not-supported': 415,
  'limit-exceeded': 422,
  'too-many': 429,
  'record-failed': 500,
  'accounts-differ': 500,
  invariant: 500,
  'unexpected-reply': 502,
  'version-mismatch': 502,
  'port-missing': 503,
  'port-busy': 503,
  'port-refused': 503,
  'link-lost': 503,
  'no-reply': 503,
  'daemon-unavailable': 503,
  'database-unavailable': 503,
  'points-refused': 503,
  'database-differs': 503,
  'outcome-unknown': 504,
} as const satisfies Record<ErrorCode, ContentfulStatusCode>;

/** A defect is logged, and says nothing of itself to whoever asked. */
export const DEFECT = new FnloopError('invariant', 'A defect of fnloop: see the log of the daemon.');

/** What an error says of itself, and nothing of what caused it. */
export const refusalText = ({ code, message, problems }: FnloopError): string =>
  JSON.stringify({ error: { code, message, problems } });

/** An error as an answer. */
export function refusalOf(error: FnloopError): Response {
  return new Response(refusalText(error), {
    status: statuses[error.code],
    headers: { 'content-type': 'application/json' },
  });
}
