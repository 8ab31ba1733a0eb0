import type { Wave } from '../../board/types.ts';
import type { MatchedSettings } from '../../config/experiment.ts';
import type { Policy, ProposedUpdate, WantedChange } from '../policy.ts';

const US_PER_S = 1e6;

/**
 * Pulses of one fixed amplitude whose width follows the gradient. The width is not corrected for the
 * node's hardening, so the cells' own 1/(t+t0) is the learning-rate schedule; only the predicted drift
 * is compensated at the cell's present response. Widths are whole multiples of the base width, one
 * pulse an update (its energy does not depend on the width); what is less waits in a residual.
 */
export function matched({ amplitudeV, baseWidthUs, maxWidthUs }: MatchedSettings): Policy {
  const most = Math.floor(maxWidthUs / baseWidthUs);
  const waves = Array.from(
    { length: most },
    (_, wave): Wave => ({ wave, amplitudeV, widthUs: (wave + 1) * baseWidthUs }),
  );
  const residualS = new Map<number, number>();
  const baseS = baseWidthUs / US_PER_S;

  const proposeOne = (
    change: WantedChange,
  ): { readonly update?: ProposedUpdate; readonly isClipped: boolean } => {
    const { cell, wantedV, driftV, freshResponseVPerS, responseVPerS } = change;
    const wantedS = wantedV / freshResponseVPerS - driftV / responseVPerS + (residualS.get(cell) ?? 0);
    const bases = Math.floor(Math.abs(wantedS) / baseS);
    const isClipped = bases > most;
    residualS.set(cell, isClipped ? 0 : wantedS - Math.sign(wantedS) * bases * baseS);
    if (bases === 0) return { isClipped };
    return {
      update: { cell, kind: wantedS > 0 ? 'SET' : 'RESET', waves: [Math.min(bases, most) - 1] },
      isClipped,
    };
  };

  return {
    name: 'matched',
    waves,
    propose: (wanted) => {
      const proposals = wanted.map(proposeOne);
      return {
        updates: proposals.flatMap(({ update }) => (update === undefined ? [] : [update])),
        clipped: proposals.filter(({ isClipped }) => isClipped).length,
      };
    },
  };
}
