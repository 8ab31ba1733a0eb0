import type { CellNodes, WeightSign } from '../../calibration/physics/cell.ts';
import { FnloopError } from '../core/errors.ts';
import type { ChipModel } from './chip-model.ts';

export interface SignEvidence {
  readonly cell: number;
  readonly before: CellNodes;
  readonly after: CellNodes;
  /** Predicted change of V_R - V_S in that time without the pulse, V. */
  readonly driftV: number;
}

export interface SignFinding {
  readonly sign: WeightSign;
  /** How many standard errors the mean response is away from zero. */
  readonly significance: number;
}

/** A sign, and the cells whose weight SET moves the other way, beyond reading noise. */
export interface SignOfMost extends SignFinding {
  readonly opposed: readonly number[];
}

const LEAST_SIGNIFICANCE = 5;

/** Where neither bring-up nor a calibration has found it out: SET raises the weight. */
export const USUAL_SIGN: WeightSign = 1;

/**
 * Finds the sign of W = s (V_R - V_S) from one SET pulse on each cell: SET has to raise W. Throws
 * `chip-unfit` where the cells respond too weakly to tell, or some the other way; the sign is never assumed.
 */
export function findWeightSign(evidence: readonly SignEvidence[], differenceSigmaV: number): SignFinding {
  const { opposed, ...found } = signOfMost(evidence, differenceSigmaV);
  if (opposed.length === 0) return found;
  throw new FnloopError(
    'chip-unfit',
    `SET moves the weights of cells ${opposed.join(', ')} the other way than those of the rest, beyond reading noise: ` +
      'their S and R lines seem to be exchanged, and training would drive them away from their targets.',
  );
}

/** As `findWeightSign`, for cells that may be defective: those that go the other way are told, not refused. */
export function signOfMost(evidence: readonly SignEvidence[], differenceSigmaV: number): SignOfMost {
  const responses = evidence.map(
    ({ before, after, driftV }) =>
      after.resetNodeV - after.setNodeV - (before.resetNodeV - before.setNodeV) - driftV,
  );
  const sigmaV = Math.SQRT2 * differenceSigmaV;
  const meanV = responses.reduce((sum, response) => sum + response, 0) / responses.length;
  const significance = (Math.abs(meanV) / sigmaV) * Math.sqrt(responses.length);
  if (!(significance >= LEAST_SIGNIFICANCE)) {
    throw new FnloopError(
      'chip-unfit',
      `One SET pulse on each of ${evidence.length} cells moved the weights by ${(meanV * 1e6).toFixed(1)} uV on average, ` +
        `${significance.toFixed(1)} sigma: too little to tell the sign of the weight (expected at least ${LEAST_SIGNIFICANCE} sigma). ` +
        'Is the chip programmed, powered and of the device that was named?',
    );
  }
  const sign: WeightSign = meanV > 0 ? 1 : -1;
  const opposed = evidence
    .filter((_, index) => sign * (responses[index] ?? 0) < -3 * sigmaV)
    .map(({ cell }) => cell);
  return { sign, significance, opposed };
}

/** Throws `calibration-stale` where the chip was calibrated with the other sign. */
export function assertSignOf(
  { weightSign }: ChipModel,
  { sign, significance }: SignFinding,
  boardId: string,
): void {
  if (weightSign === undefined || weightSign === sign) return;
  throw new FnloopError(
    'calibration-stale',
    `SET ${sign === 1 ? 'raises' : 'lowers'} the weights of board ${boardId} (sign ${sign}, ${significance.toFixed(1)} sigma), and its calibration ` +
      `has sign ${weightSign}: S and R were exchanged since. Measure the chip anew with 'fnloop calibrate'.`,
  );
}
