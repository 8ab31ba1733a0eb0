import type { Policy, ProposedUpdate } from './policy.ts';

/**
 * One SET pulse on each cell, the longest that the policy has, tells the sign of the weight: its energy does not
 * depend on its length. None for a policy without pulses.
 */
export function bringUpUpdates(cells: readonly number[], { waves }: Policy): ProposedUpdate[] {
  const longest = waves.at(-1);
  if (longest === undefined) return [];
  return cells.map((cell) => ({ cell, kind: 'SET', waves: [longest.wave] }));
}
