import type { WeightSign } from '../../calibration/physics/cell.ts';
import { tunnelingDropV } from '../../calibration/physics/tunneling.ts';
import type { Converters } from '../board/converters.ts';
import { batchUs, conversionStartUs, conversionUs } from '../board/timing.ts';
import type { ArrayReading, BoardIdentity, CellReading, DefinedWave } from '../board/types.ts';
import { type ChipModel, pulsedNode } from '../chip/chip-model.ts';
import { gateAt } from '../chip/node-model.ts';
import { FnloopError } from '../core/errors.ts';
import type { Ledger } from '../ledger/account.ts';
import type { PlacedPulse, PlannedBatch } from '../scheduling/plan.ts';

export interface ExpectedChipParts {
  readonly board: BoardIdentity;
  readonly chip: ChipModel;
  readonly sign: WeightSign;
  readonly converters: Converters;
  readonly ledger: Ledger;
  readonly waves: ReadonlyMap<number, DefinedWave>;
}

/** A pulse that would have been emitted. */
export interface ExpectedPulse extends PlacedPulse {
  /** What its node would have read before it; not rounded. */
  readonly beforeCode: number;
}

const US_PER_S = 1e6;

/** What the model expects of the cells of a reading from there on: no board, no noise, and no mismatch but what is calibrated. */
export class ExpectedChip {
  readonly #parts: ExpectedChipParts;
  readonly #start: ArrayReading;
  /** By node number. */
  readonly #nodeV = new Map<number, number>();
  #boardTimeUs: number;

  constructor(reading: ArrayReading, parts: ExpectedChipParts) {
    this.#parts = parts;
    this.#start = reading;
    this.#boardTimeUs = reading.boardTimeUs;
    for (const { cell, setCode, resetCode, convertedUs } of reading.cells) {
      const sinceUs = reading.boardTimeUs - convertedUs;
      [setCode, resetCode].forEach((code, side) => {
        const node = 2 * cell + side;
        this.#nodeV.set(node, this.#fallen(node, code * parts.converters.nodeVPerCode, 0, sinceUs));
      });
    }
  }

  /** Board time that has been reached, us. */
  get boardTimeUs(): number {
    return this.#boardTimeUs;
  }

  /** Lets a batch happen; returns its pulses in wire order. */
  run({ slots, gapUs, pulses }: PlannedBatch): ExpectedPulse[] {
    return slots.flatMap((slot, index) =>
      this.#emit(
        pulses.filter((pulse) => pulse.slot === index),
        batchUs({ slots: [slot], gapUs }, (wave) => this.#wave(wave).widthUs, this.#parts.board),
      ),
    );
  }

  /** What the board would answer to READ of the same cells. */
  read(): ArrayReading {
    const { board } = this.#parts;
    const workUs = conversionUs(2 * this.#start.cells.length, board);
    const startUs = this.#boardTimeUs;
    const codeAt = (node: number, place: number) =>
      Math.round(this.#codeOf(this.#fallen(node, this.#voltsOf(node), 0, conversionStartUs(place, board))));
    const cells = this.#start.cells.map(
      ({ cell }, index): CellReading => ({
        cell,
        setCode: codeAt(2 * cell, 2 * index),
        resetCode: codeAt(2 * cell + 1, 2 * index + 1),
        convertedUs: startUs + conversionStartUs(2 * index, board),
      }),
    );
    this.#rest(workUs);
    const { bootNonce, temperatureK } = this.#start;
    return { bootNonce, boardTimeUs: this.#boardTimeUs, temperatureK, cells };
  }

  #emit(pulses: readonly PlacedPulse[], lastsUs: number): ExpectedPulse[] {
    const { board, ledger, sign } = this.#parts;
    const beforeUs = conversionUs(pulses.length, board);
    const emitted = pulses.map((pulse, index): [node: number, nodeV: number, ExpectedPulse] => {
      const { dacCode, widthUs } = this.#wave(pulse.wave);
      const node = pulsedNode(pulse.cell, pulse.kind, sign);
      const startV = this.#voltsOf(node);
      const beforeCode = this.#codeOf(this.#fallen(node, startV, 0, conversionStartUs(index, board)));
      const pulsedV = this.#fallen(
        node,
        this.#fallen(node, startV, 0, beforeUs),
        ledger.amplitudeV(dacCode),
        widthUs,
      );
      return [node, this.#fallen(node, pulsedV, 0, lastsUs - beforeUs - widthUs), { ...pulse, beforeCode }];
    });
    this.#rest(lastsUs);
    for (const [node, nodeV] of emitted) this.#nodeV.set(node, nodeV);
    return emitted.map(([, , pulse]) => pulse);
  }

  #rest(forUs: number): void {
    for (const [node, nodeV] of this.#nodeV) this.#nodeV.set(node, this.#fallen(node, nodeV, 0, forUs));
    this.#boardTimeUs += forUs;
  }

  #fallen(node: number, nodeV: number, amplitudeV: number, forUs: number): number {
    const { chip } = this.#parts;
    const model = chip.node(node);
    if (model === undefined)
      throw new FnloopError('invariant', `Node ${node} is planned with, and nothing is known of it.`);
    const gate = gateAt(model, nodeV, chip.temperatureK(this.#start.temperatureK));
    return (
      nodeV - tunnelingDropV(gate.nodeV, gate.couplingRel * amplitudeV, forUs / US_PER_S, gate.tunneling)
    );
  }

  #voltsOf(node: number): number {
    return this.#nodeV.get(node) ?? Number.NaN;
  }

  #codeOf(nodeV: number): number {
    return nodeV / this.#parts.converters.nodeVPerCode;
  }

  #wave(number: number): DefinedWave {
    const wave = this.#parts.waves.get(number);
    if (wave === undefined) throw new FnloopError('invariant', `Wave ${number} of the plan is not known.`);
    return wave;
  }
}
