import type { Policy, ProposedUpdate } from './policy.ts';

/**
 * One SET pulse on each cell, the longest of the policy's gentlest, tells the sign of the weight: its energy does not
 * depend on its length. None for a policy without pulses.
 */
export function bringUpUpdates(cells: readonly number[], { signWave }: Policy): ProposedUpdate[] {
  if (signWave === undefined) return [];
  return cells.map((cell) => ({ cell, kind: 'SET', waves: [signWave] }));
}
