import { createHash, timingSafeEqual } from 'node:crypto';
import { FnloopError } from '../../core/errors.ts';
import { type Role, roles } from '../roles.ts';
import type { Caller, TokenSettings } from './parts.ts';

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** What the configuration keeps of a token, hex. */
export const hashOfToken = (token: string): string => sha256(token).toString('hex');

/** Without tokens, everybody who reaches the port. */
const ANYBODY: Caller = { name: 'local', role: 'admin' };

/**
 * Who sends this Authorization header; nothing that a browser sends by itself counts. All hashes are compared, each in constant time.
 * A daemon that began with tokens is not open to everybody when they are taken away: it may listen where others are. Throws
 * `token-needed`.
 */
export function callerOf(
  authorization: string | undefined,
  tokens: readonly TokenSettings[],
  isOpen: boolean,
): Caller {
  if (tokens.length === 0 && isOpen) return ANYBODY;
  const [, token] = /^bearer ([\x21-\x7e]{1,512})$/i.exec(authorization ?? '') ?? [];
  const given = sha256(token ?? '');
  const [found] = tokens.filter((known) => {
    const hash = Buffer.from(known.sha256, 'hex');
    return hash.length === given.length && timingSafeEqual(hash, given);
  });
  if (token !== undefined && found !== undefined) return { name: found.name, role: found.role };
  throw new FnloopError(
    'token-needed',
    authorization === undefined
      ? 'This daemon wants a token: Authorization: Bearer TOKEN.'
      : 'This daemon does not know that token.',
  );
}

/** Throws `not-allowed` for a caller whose role is below what is needed. */
export function assertRole({ name, role }: Caller, needed: Role): void {
  if (roles.indexOf(role) >= roles.indexOf(needed)) return;
  throw new FnloopError('not-allowed', `This needs the role ${needed}, and ${name} has ${role}.`);
}
