import type { DataOrderState } from './data-order.ts';
import type { PolicyState } from './policy.ts';

/**
 * What a process that trains holds and neither chip nor run file tells, after a step. With it, the cells' present reading and the file,
 * another process goes on as this one would have.
 */
export interface HostState {
  /** Time that the last step took, s: as long the next one is expected to take. */
  readonly elapsedS: number;
  readonly order: DataOrderState;
  readonly policy: PolicyState;
}
