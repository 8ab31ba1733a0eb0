import { FnloopError, messageOf } from '../core/errors.ts';
import type { SentError } from './messages.ts';

/** An error as another process may have it: classes do not travel. */
export function sentError(error: unknown): SentError {
  if (!(error instanceof FnloopError)) return { code: 'invariant', message: messageOf(error), problems: [] };
  const { code, message, problems } = error;
  return { code, message, problems };
}

export const receivedError = ({ code, message, problems }: SentError): FnloopError =>
  new FnloopError(code, message, { problems });
