import type { GatesState } from './floating-gates.ts';
import type { ThermalState } from './thermal.ts';

/** What a chip keeps while nobody has it open. */
export interface ChipState {
  /** How often it was opened before: each opening draws new noise. */
  readonly openings: number;
  /** The time up to which it has been busy, us of its life. */
  readonly timeUs: number;
  readonly thermal: ThermalState;
  /** Pulses that each node has received. */
  readonly pulses: Float64Array;
  readonly gates: GatesState;
}
