import type { Wave } from '../../board/types.ts';
import type { MatchedSettings } from '../../config/experiment.ts';
import type { Policy, ProposedUpdate, WantedChange } from '../policy.ts';

const US_PER_S = 1e6;

/**
 * Pulses of one fixed amplitude whose width follows the gradient. What is wanted shrinks as the cell's response does, so
 * the cells' own 1/(t+t0) is the learning-rate schedule, and all cells move alike however they differ; the
 * predicted drift is compensated in full. Widths are whole multiples of the base width, one pulse an update
 * (its energy does not depend on the width); what is less waits in a residual.
 */
export function matched({ amplitudeV, baseWidthUs, maxWidthUs }: MatchedSettings): Policy {
  const most = Math.floor(maxWidthUs / baseWidthUs);
  const waves = Array.from(
    { length: most },
    (_, wave): Wave => ({ wave, amplitudeV, widthUs: (wave + 1) * baseWidthUs }),
  );
  /** By cell, V. */
  const residuals = new Map<number, number>();
  const baseS = baseWidthUs / US_PER_S;

  const proposeOne = ({
    cell,
    wantedV,
    driftV,
    freshVPerS,
    responseVPerS,
  }: WantedChange): { readonly update?: ProposedUpdate; readonly isClipped: boolean } => {
    const hardening = (responseVPerS.SET + responseVPerS.RESET) / (freshVPerS.SET + freshVPerS.RESET);
    const aimV = wantedV * hardening - driftV + (residuals.get(cell) ?? 0);
    const kind = aimV > 0 ? 'SET' : 'RESET';
    const baseV = responseVPerS[kind] * baseS;
    const bases = Math.floor(Math.abs(aimV) / baseV);
    const isClipped = bases > most;
    residuals.set(cell, isClipped ? 0 : aimV - Math.sign(aimV) * bases * baseV);
    if (bases === 0) return { isClipped };
    return { update: { cell, kind, waves: [Math.min(bases, most) - 1] }, isClipped };
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
