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
  readonly #pulses: Float64Array;
  #totalPulses = 0;

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
    this.#pulses = new Float64Array(2 * cells);
  }

  get cells(): number {
    return this.#gates.length / 2;
  }

  /** Pulses that all gates together have received. */
  get totalPulses(): number {
    return this.#totalPulses;
  }

  gate(cell: number, kind: PulseKind): FloatingGate {
    const gate = this.#gates[nodeOf(cell, kind)];
    if (gate === undefined) throw new RangeError(`cell ${cell} is not 0 to ${this.cells - 1}`);
    return gate;
  }

  /** Pulses that a gate has received since it was made. */
  pulses(cell: number, kind: PulseKind): number {
    return this.#pulses[nodeOf(cell, kind)] ?? 0;
  }

  /** A pulse on a gate, counted. */
  pulse(
    cell: number,
    kind: PulseKind,
    at: { readonly startUs: number; readonly widthUs: number },
    outputV: number,
  ): void {
    const node = nodeOf(cell, kind);
    this.gate(cell, kind).pulse(at.startUs, at.widthUs, outputV);
    this.#pulses[node] = (this.#pulses[node] ?? 0) + 1;
    this.#totalPulses += 1;
  }
}

const nodeOf = (cell: number, kind: PulseKind): number => 2 * cell + (kind === 'RESET' ? 1 : 0);
