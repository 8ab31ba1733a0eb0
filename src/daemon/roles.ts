/** What a token may do, each role all that those before it may. */
export const roles = ['read', 'run', 'admin'] as const;
export type Role = (typeof roles)[number];
