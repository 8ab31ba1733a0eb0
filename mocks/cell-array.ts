import type { PulseKind, Slot } from '../firmware-protocol/slots.ts';
import type { FloatingGates } from './floating-gates.ts';

/** A pulse shape as it arrives at the array. */
export interface ArrayPulse {
  readonly widthUs: number;
  /** What the DAC really puts out. */
  readonly outputV: number;
}

interface Boost {
  readonly untilUs: number;
  readonly boostV: number;
}

export interface ArrayParts {
  readonly gates: FloatingGates;
  /** C_C / C_T of each node. */
  readonly couplingRel: Float64Array;
  /** Boost of a neighbor's node of the same kind, over that of the pulsed one. */
  readonly disturbRel: number;
  /** Pulses that each node has received; the array goes on counting in it. */
  readonly pulses: Float64Array;
}

const COLUMNS = 8;

/** Node 2 i is S of cell i, which SET pulses boost, node 2 i + 1 its R, which RESET pulses boost. */
export const nodeOf = (cell: number, kind: PulseKind): number => 2 * cell + (kind === 'RESET' ? 1 : 0);

/** Differential cells on a grid. */
export class CellArray {
  readonly cells: number;
  readonly columns: number;
  readonly #parts: ArrayParts;
  #totalPulses: number;

  constructor(parts: ArrayParts) {
    this.#parts = parts;
    this.cells = parts.gates.count / 2;
    this.columns = this.cells % COLUMNS === 0 ? COLUMNS : 1;
    this.#totalPulses = parts.pulses.reduce((sum, count) => sum + count, 0);
  }

  get rows(): number {
    return this.cells / this.columns;
  }

  /** Pulses that all gates together have received. */
  get totalPulses(): number {
    return this.#totalPulses;
  }

  /** Pulses that each node has received since it was made. */
  get pulseCounts(): Float64Array {
    return this.#parts.pulses;
  }

  /** Number of a node. Throws RangeError where there is none. */
  node(cell: number, kind: PulseKind): number {
    if (cell >= 0 && cell < this.cells) return nodeOf(cell, kind);
    throw new RangeError(`cell ${cell} is not 0 to ${this.cells - 1}`);
  }

  /** Pulses that a gate has received since it was made. */
  pulses(cell: number, kind: PulseKind): number {
    return this.#parts.pulses[this.node(cell, kind)] as number;
  }

  voltageAt(node: number, us: number): number {
    return this.#parts.gates.voltageAt(node, us);
  }

  /** Pulses the nodes of a slot together. Returns how long the longest lasts, us. */
  emit(slot: Slot, startUs: number, waveOf: (wave: number) => ArrayPulse): number {
    const { gates, couplingRel, disturbRel, pulses } = this.#parts;
    let longestUs = 0;
    for (const { cell, kind, wave } of slot) {
      const { widthUs, outputV } = waveOf(wave);
      const node = this.node(cell, kind);
      if (disturbRel === 0) gates.pulse(node, startUs, widthUs, outputV * (couplingRel[node] as number));
      pulses[node] = (pulses[node] as number) + 1;
      longestUs = Math.max(longestUs, widthUs);
    }
    if (disturbRel !== 0) this.#emitDisturbing(slot, startUs, waveOf);
    this.#totalPulses += slot.length;
    return longestUs;
  }

  /** Pulses and what they do to neighbors, which may be pulsed too: boosts of one node add up. */
  #emitDisturbing(slot: Slot, startUs: number, waveOf: (wave: number) => ArrayPulse): void {
    const { couplingRel, disturbRel } = this.#parts;
    const boosts = new Map<number, Boost[]>();
    const add = (node: number, boost: Boost) => {
      const others = boosts.get(node);
      if (others === undefined) boosts.set(node, [boost]);
      else others.push(boost);
    };
    for (const { cell, kind, wave } of slot) {
      const { widthUs, outputV } = waveOf(wave);
      const node = nodeOf(cell, kind);
      const boostV = outputV * (couplingRel[node] as number);
      const untilUs = startUs + widthUs;
      add(node, { untilUs, boostV });
      for (const neighbor of this.#neighbors(cell))
        add(nodeOf(neighbor, kind), { untilUs, boostV: disturbRel * boostV });
    }
    for (const [node, staircase] of boosts) this.#climbDown(node, startUs, staircase);
  }

  #climbDown(node: number, startUs: number, staircase: Boost[]): void {
    staircase.sort((one, other) => one.untilUs - other.untilUs);
    let fromUs = startUs;
    staircase.forEach(({ untilUs }, ended) => {
      const boostV = staircase.slice(ended).reduce((sum, boost) => sum + boost.boostV, 0);
      this.#parts.gates.pulse(node, fromUs, untilUs - fromUs, boostV);
      fromUs = untilUs;
    });
  }

  #neighbors(cell: number): number[] {
    const { columns, cells } = this;
    const column = cell % columns;
    return [
      ...(cell >= columns ? [cell - columns] : []),
      ...(cell + columns < cells ? [cell + columns] : []),
      ...(column > 0 ? [cell - 1] : []),
      ...(column < columns - 1 ? [cell + 1] : []),
    ];
  }
}
