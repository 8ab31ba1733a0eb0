import { userInfo } from 'node:os';

/** Number of the user whose process this is; -1 where the system has none. */
export const ownUid = (): number => process.getuid?.() ?? -1;

/** The user's name; the number where the system knows no name for it. */
export function ownUserName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(ownUid());
  }
}
