import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Role, Token } from './config.ts';

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
      sha256: hashOf(token),
    },
  };
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** The token with that text; undefined where there is none. Takes as long for one that is nearly right as for any other. */
export function tokenOf(tokens: readonly Token[], text: string): Token | undefined {
  const hash = Buffer.from(hashOf(text), 'hex');
  let found: Token | undefined;
  for (const token of tokens) if (timingSafeEqual(hash, Buffer.from(token.sha256, 'hex'))) found = token;
  return found;
}
