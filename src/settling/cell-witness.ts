import { inferSlotsDone } from '../../calibration/inference/slots-done.ts';
import type { Board } from '../board/board.ts';
import { convertersOf } from '../board/converters.ts';
import { cellCount } from '../board/limits.ts';
import { nodeNumber } from '../board/nodes.ts';
import { conversionUs } from '../board/timing.ts';
import type { ArrayReading, BatchOutcome, DefinedWave } from '../board/types.ts';
import type { ChipModel } from '../chip/chip-model.ts';
import type { Judgement, Witness } from '../scheduling/journal.ts';
import type { PlannedBatch } from '../scheduling/plan.ts';
import { NodeMemory } from './node-memory.ts';
import { observedNodes, possiblePulse } from './observed-nodes.ts';

const US_PER_S = 1e6;

/** Tells from the cells themselves which pulses happened, when the board has forgotten. */
export class CellWitness implements Witness {
  readonly #board: Board;
  readonly #chip: ChipModel;
  readonly #waves: ReadonlyMap<number, DefinedWave>;
  readonly #memory: NodeMemory;

  /** `waves` may still grow: it is looked into when it is needed. */
  constructor(board: Board, chip: ChipModel, waves: ReadonlyMap<number, DefinedWave>) {
    this.#board = board;
    this.#chip = chip;
    this.#waves = waves;
    this.#memory = new NodeMemory(board.identity, waves);
  }

  /** What is known of the nodes. */
  get memory(): NodeMemory {
    return this.#memory;
  }

  note(batch: PlannedBatch, outcome: BatchOutcome): void {
    this.#memory.noteOutcome(batch, outcome);
  }

  async refresh(): Promise<ArrayReading> {
    const cells = Array.from({ length: cellCount(this.#board.identity) }, (_, cell) => cell);
    const reading = await this.#board.read(cells);
    this.#memory.noteReading(reading);
    return reading;
  }

  async judge(open: readonly PlannedBatch[], leastSlots: number): Promise<Judgement> {
    const known = this.#memory.nodes();
    const knownAtUs = this.#memory.latestUs;
    const reading = await this.refresh();
    const slots = open.flatMap((batch) => batch.slots);
    const place = { chip: this.#chip, converters: convertersOf(this.#board.identity) };
    const { device, common } = this.#chip;
    const found = inferSlotsDone({
      nodes: observedNodes(known, knownAtUs, reading, place),
      slots: slots.map((slot) =>
        slot.map(({ cell, kind, wave }) => possiblePulse(nodeNumber(cell, kind), wave, this.#waves, place)),
      ),
      slotRestS: this.#restS(slots.map(({ length }) => length)) + (open[0]?.gapUs ?? 0) / US_PER_S,
      shared: {
        elapsed: { priorS: 0, sigmaS: Number.POSITIVE_INFINITY },
        ...common,
        nodeCapacitanceFF: device.nodeCapacitanceFF.value,
      },
    });
    const possible = found.posterior.slice(leastSlots);
    const mass = possible.reduce((sum, probability) => sum + probability, 0);
    const best = possible.indexOf(Math.max(...possible));
    return {
      slotsDone: leastSlots + best,
      confidence: mass > 0 ? (possible[best] ?? 0) / mass : 0,
      evidence: {
        slots: slots.length,
        leastSlots,
        elapsedS: found.elapsedS,
        elapsedSigmaS: found.elapsedSigmaS,
        chi2PerDof: found.chi2PerDof,
        runnerUpSlots: found.runnerUp?.slotsDone ?? leastSlots,
        runnerUpProbability: found.runnerUp?.confidence ?? 0,
      },
    };
  }

  /** Conversions between the pulses of two slots, of the mean size. */
  #restS(sizes: readonly number[]): number {
    const mean = sizes.reduce((sum, size) => sum + size, 0) / Math.max(1, sizes.length);
    return (2 * conversionUs(Math.round(mean), this.#board.identity)) / US_PER_S;
  }
}
