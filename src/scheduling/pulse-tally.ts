import type { PlannedUpdate } from './plan.ts';

/** One executed pulse with its node's raw codes, which are null where the pulse was inferred. */
export interface PulseRecord {
  readonly intent: number;
  readonly slot: number;
  readonly wave: number;
  /** Time between its two codes in which the pulse was not on, us. */
  readonly idleUs: number;
  readonly codes: { readonly before: number; readonly after: number } | null;
}

/** What a planned update became on the board. */
export interface ExecutedUpdate extends PlannedUpdate {
  readonly pulses: readonly PulseRecord[];
}

/** Which pulses of planned updates were executed so far. */
export class PulseTally {
  readonly #updates: readonly PlannedUpdate[];
  /** By the number of the update above the first: numbers of a step follow each other, so this is an array without holes. */
  readonly #pulses: PulseRecord[][] = [];
  readonly #first: number;

  constructor(updates: readonly PlannedUpdate[]) {
    this.#updates = updates;
    this.#first = updates.reduce((least, { update }) => Math.min(least, update), Number.POSITIVE_INFINITY);
    for (const { update } of updates) this.#pulses[update - this.#first] = [];
  }

  add(update: number, pulse: PulseRecord): void {
    this.#of(update).push(pulse);
  }

  /** What is still to be executed: updates with the waves that are left of them. */
  left(): PlannedUpdate[] {
    const left: PlannedUpdate[] = [];
    for (const update of this.#updates) {
      const done = this.#of(update.update).length;
      if (done < update.waves.length) left.push({ ...update, waves: update.waves.slice(done) });
    }
    return left;
  }

  /** Updates of which at least one pulse was executed, in the order in which they were planned. */
  executed(): ExecutedUpdate[] {
    const executed: ExecutedUpdate[] = [];
    for (const { update, cell, kind, waves } of this.#updates) {
      const pulses = this.#of(update);
      if (pulses.length > 0) executed.push({ update, cell, kind, waves, pulses });
    }
    return executed;
  }

  #of(update: number): PulseRecord[] {
    return this.#pulses[update - this.#first] ?? [];
  }
}
