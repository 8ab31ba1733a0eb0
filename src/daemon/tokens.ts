import { randomBytes } from 'node:crypto';
import { hashOfToken } from './api/tokens.ts';
import type { Token } from './config.ts';
import type { Role } from './roles.ts';

const BYTES = 32;

/** A new token, and the lines of the configuration that let it in. Its text is kept nowhere. */
export function newToken(role: Role): { readonly token: string; readonly entry: Token } {
  const token = `fnl_${randomBytes(BYTES).toString('base64url')}`;
  return {
    token,
    entry: {
      name: `${role}-${token
        .slice(4, 8)
        .toLowerCase()
        .replace(/[^a-z0-9]/g, '0')}`,
      role,
      sha256: hashOfToken(token),
    },
  };
}
