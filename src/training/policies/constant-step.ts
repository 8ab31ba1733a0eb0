import type { Wave } from '../../board/types.ts';
import type { ConstantStepSettings } from '../../config/policy.ts';
import type { Policy, PolicyPlace, PulseKind, WantedChange } from '../policy.ts';
import { Residuals, wholeBasesPolicy } from './whole-bases.ts';

const US_PER_S = 1e6;

/** Highest rung over lowest where the settings name none: reaches cells whose response has fallen to about a tenth. */
const REACH = 5;

/**
 * Pulses whose amplitude rises as the cell hardens, so that one of the base width goes on moving the weight by the same
 * step; THEORY.md, equation 24. The wish is not scaled down with the response: the learning rate stays what it was. A wish
 * of several steps is as many base widths at that amplitude, one pulse an update, since its energy does not depend on the width. What
 * is less than a step waits in a residual. Beyond the top rung steps get smaller, as those of `matched` do.
 */
export function constantStep(settings: ConstantStepSettings, { board, state }: PolicyPlace): Policy {
  const { minAmplitudeV, baseWidthUs, maxWidthUs, stepV } = settings;
  const most = Math.floor(maxWidthUs / baseWidthUs);
  const topV =
    settings.maxAmplitudeV ?? Math.max(minAmplitudeV, Math.min(REACH * minAmplitudeV, board.maxAmplitudeV));
  const ladderV = ladder(minAmplitudeV, topV, Math.max(1, Math.floor(board.waves / most)));
  const waves = ladderV.flatMap((amplitudeV, rung) =>
    Array.from(
      { length: most },
      (_, index): Wave => ({ wave: rung * most + index, amplitudeV, widthUs: (index + 1) * baseWidthUs }),
    ),
  );
  const residuals = new Residuals(most, state);
  const freshStepV = ({ freshVPerS }: WantedChange) =>
    ((freshVPerS.SET + freshVPerS.RESET) / 2) * (baseWidthUs / US_PER_S);

  /** Of all rungs, the one whose base pulse does most nearly a step, by ratio. */
  const nearest = (change: WantedChange, kind: PulseKind) => {
    const wantedV = stepV ?? freshStepV(change);
    let best = { rung: 0, moveV: 0, distance: Number.POSITIVE_INFINITY };
    for (const [rung, amplitudeV] of ladderV.entries()) {
      const moveV = change.movesV({ amplitudeV, widthUs: baseWidthUs })[kind];
      const distance = Math.abs(Math.log(moveV / wantedV));
      // Higher rungs do more, so once it gets worse it stays so.
      if (distance >= best.distance) break;
      best = { rung, moveV, distance };
    }
    return best;
  };

  return wholeBasesPolicy({ name: 'constant-step', waves, most, residuals }, (change) => {
    let rung = 0;
    const taken = residuals.take(change.cell, change.wantedV - change.driftV, (kind) => {
      const found = nearest(change, kind);
      rung = found.rung;
      return found.moveV;
    });
    return { ...taken, rung };
  });
}

/** Amplitudes from the lowest to the highest, each the same multiple of the one before. */
function ladder(lowestV: number, highestV: number, rungs: number): number[] {
  if (rungs === 1 || highestV === lowestV) return [lowestV];
  return Array.from({ length: rungs }, (_, rung) => lowestV * (highestV / lowestV) ** (rung / (rungs - 1)));
}
