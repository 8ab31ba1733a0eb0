import { readFileSync } from 'node:fs';

/** Processes that a process has started, boards' workers among them. */
export const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
