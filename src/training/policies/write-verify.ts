import type { Wave } from '../../board/types.ts';
import type { WriteVerifySettings } from '../../config/policy.ts';
import { type HeldWeight, hardeningOf, type Policy, type PolicyPlace, type Proposal } from '../policy.ts';

const US_PER_S = 1e6;

interface Goal {
  readonly targetV: number;
  readonly toleranceV: number;
}

/**
 * Program and verify: cells that are off their target get one pulse of a fixed shape, the array is read, and those that are still off
 * get another, of the other kind where they went too far. It needs no model of how far a pulse goes. Targets are those of `matched`:
 * wishes shrink as the response does, and what is within tolerance waits. A cell that is off after the last round is clipped: its
 * target is then where it is.
 */
export function writeVerify(
  { amplitudeV, widthUs, toleranceV, maxRounds }: WriteVerifySettings,
  { board, weightSigmaV, state = [] }: PolicyPlace,
): Policy {
  // The second shape only finds the sign of the weights: a short pulse tells it badly.
  const signWidthUs = Math.max(widthUs, Math.min(maxRounds * widthUs, board.maxWidthUs));
  const widthsUs = signWidthUs === widthUs ? [widthUs] : [widthUs, signWidthUs];
  const waves = widthsUs.map((each, wave): Wave => ({ wave, amplitudeV, widthUs: each }));
  const goals = new Map(
    state.map(([cell, targetV = 0, toleranceV = 0]): [number, Goal] => [cell, { targetV, toleranceV }]),
  );
  let underWay = new Set<number>();
  let rounds = 0;

  const errorV = ({ cell, weightV }: HeldWeight) => (goals.get(cell)?.targetV ?? weightV) - weightV;
  const isOff = (held: HeldWeight) => Math.abs(errorV(held)) > (goals.get(held.cell)?.toleranceV ?? 0);

  const nextRound = (held: readonly HeldWeight[]): Proposal => {
    const off = held.filter(isOff);
    const isLast = rounds === maxRounds;
    rounds += 1;
    underWay = new Set(isLast ? [] : off.map(({ cell }) => cell));
    if (!isLast) {
      const updates = off.map((cell) => ({
        cell: cell.cell,
        kind: errorV(cell) > 0 ? ('SET' as const) : ('RESET' as const),
        waves: [0],
      }));
      return { updates, clipped: 0 };
    }
    for (const { cell, weightV } of off)
      goals.set(cell, { toleranceV: goals.get(cell)?.toleranceV ?? 0, targetV: weightV });
    return { updates: [], clipped: off.length };
  };

  return {
    name: 'write-verify',
    waves,
    signWave: waves.length - 1,
    propose: (wanted) => {
      for (const change of wanted) {
        const { cell, weightV, wantedV, freshVPerS } = change;
        const pulseV = ((freshVPerS.SET + freshVPerS.RESET) / 2) * (widthUs / US_PER_S);
        goals.set(cell, {
          targetV: (goals.get(cell)?.targetV ?? weightV) + wantedV * hardeningOf(change),
          toleranceV: toleranceV ?? pulseV / 2 + weightSigmaV,
        });
      }
      rounds = 0;
      return nextRound(wanted);
    },
    correct: (held) => nextRound(held.filter(({ cell }) => underWay.has(cell))),
    get state() {
      return [...goals].map(([cell, { targetV, toleranceV }]) => [cell, targetV, toleranceV] as const);
    },
    follow: (moved) => {
      for (const { cell, byV } of moved) {
        const goal = goals.get(cell);
        if (goal !== undefined) goals.set(cell, { ...goal, targetV: goal.targetV + byV });
      }
    },
  };
}
