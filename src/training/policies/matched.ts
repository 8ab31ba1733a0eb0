import type { Wave } from '../../board/types.ts';
import type { MatchedSettings } from '../../config/policy.ts';
import { hardeningOf, type Policy, type PolicyPlace } from '../policy.ts';
import { Residuals, wholeBasesPolicy } from './whole-bases.ts';

const US_PER_S = 1e6;

/**
 * Pulses of one fixed amplitude whose width follows the gradient. What is wanted shrinks as the cell's response does, so
 * the cells' own 1/(t+t0) is the learning-rate schedule, and all cells move alike however they differ; the
 * predicted drift is compensated in full. Widths are whole multiples of the base width, one pulse an update
 * (its energy does not depend on the width); what is less waits in a residual.
 */
export function matched(
  { amplitudeV, baseWidthUs, maxWidthUs }: MatchedSettings,
  { state }: Pick<PolicyPlace, 'state'> = {},
): Policy {
  const most = Math.floor(maxWidthUs / baseWidthUs);
  const waves = Array.from(
    { length: most },
    (_, wave): Wave => ({ wave, amplitudeV, widthUs: (wave + 1) * baseWidthUs }),
  );
  const residuals = new Residuals(most, state);
  const baseS = baseWidthUs / US_PER_S;

  return wholeBasesPolicy({ name: 'matched', waves, most, residuals }, (change) => {
    const { cell, wantedV, driftV, responseVPerS } = change;
    const wishV = wantedV * hardeningOf(change) - driftV;
    return { ...residuals.take(cell, wishV, (of) => responseVPerS[of] * baseS), rung: 0 };
  });
}
