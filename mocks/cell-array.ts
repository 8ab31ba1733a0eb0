import type { PulseKind } from '../firmware-protocol/slots.ts';
import { FloatingGate } from './floating-gate.ts';
import type { Preset } from './presets.ts';
import { normalStream } from './random.ts';

export interface ArrayOptions {
  readonly cells: number;
  readonly seed: number;
  readonly noise: boolean;
  readonly mismatch: boolean;
}

/** Differential cells: an S gate that SET pulses boost, an R gate that RESET pulses boost. */
export class CellArray {
  readonly #gates: readonly FloatingGate[];

  constructor(preset: Preset, { cells, seed, noise, mismatch }: ArrayOptions) {
    const spread = normalStream(seed, 'mismatch');
    const vary = (sigma: number) => (mismatch ? sigma * spread() : 0);
    const shot = noise ? normalStream(seed, 'shot') : undefined;
    this.#gates = Array.from({ length: 2 * cells }, () => {
      const parameters = {
        k1PerS: preset.k1PerS * (1 + vary(preset.mismatch.k1Rel)),
        k2V: preset.k2V * (1 + vary(preset.mismatch.k2Rel)),
        nodeCapacitanceFF: preset.nodeCapacitanceFF,
        couplingFF: preset.couplingFF * (1 + vary(preset.mismatch.couplingRel)),
      };
      return new FloatingGate(parameters, preset.startV + vary(preset.mismatch.startV), shot);
    });
  }

  get cells(): number {
    return this.#gates.length / 2;
  }

  gate(cell: number, kind: PulseKind): FloatingGate {
    const gate = this.#gates[2 * cell + (kind === 'RESET' ? 1 : 0)];
    if (gate === undefined) throw new RangeError(`cell ${cell} is not 0 to ${this.cells - 1}`);
    return gate;
  }
}
