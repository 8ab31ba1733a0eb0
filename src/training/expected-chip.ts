import type { Device } from '../../calibration/devices.ts';
import { tunnelingDropV } from '../../calibration/physics/tunneling.ts';
import type { Converters } from '../board/converters.ts';
import { nodeNumber } from '../board/nodes.ts';
import { batchUs, conversionStartUs, conversionUs } from '../board/timing.ts';
import type { ArrayReading, BoardIdentity, CellReading, DefinedWave } from '../board/types.ts';
import { FnloopError } from '../core/errors.ts';
import type { Ledger } from '../ledger/account.ts';
import type { PlacedPulse, PlannedBatch } from '../scheduling/plan.ts';

export interface ExpectedChipParts {
  readonly board: BoardIdentity;
  readonly device: Device;
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

/** What the model expects of the cells of a reading from there on: no board, no noise, no mismatch. */
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
      this.#nodeV.set(nodeNumber(cell, 'SET'), this.#fallen(this.#voltsOf(setCode), 0, sinceUs));
      this.#nodeV.set(nodeNumber(cell, 'RESET'), this.#fallen(this.#voltsOf(resetCode), 0, sinceUs));
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
    const codeAt = (cell: number, kind: PlacedPulse['kind'], place: number) => {
      const nodeV = this.#nodeV.get(nodeNumber(cell, kind)) ?? Number.NaN;
      return Math.round(this.#codeOf(this.#fallen(nodeV, 0, conversionStartUs(place, board))));
    };
    const cells = this.#start.cells.map(
      ({ cell }, index): CellReading => ({
        cell,
        setCode: codeAt(cell, 'SET', 2 * index),
        resetCode: codeAt(cell, 'RESET', 2 * index + 1),
        convertedUs: startUs + conversionStartUs(2 * index, board),
      }),
    );
    this.#rest(workUs);
    const { bootNonce, temperatureK } = this.#start;
    return { bootNonce, boardTimeUs: this.#boardTimeUs, temperatureK, cells };
  }

  #emit(pulses: readonly PlacedPulse[], lastsUs: number): ExpectedPulse[] {
    const { board, device, ledger } = this.#parts;
    const beforeUs = conversionUs(pulses.length, board);
    const couplingRel = device.couplingFF.value / device.nodeCapacitanceFF.value;
    const emitted = pulses.map((pulse, index): [nodeV: number, ExpectedPulse] => {
      const { dacCode, widthUs } = this.#wave(pulse.wave);
      const nodeV = this.#nodeV.get(nodeNumber(pulse.cell, pulse.kind)) ?? Number.NaN;
      const beforeCode = this.#codeOf(this.#fallen(nodeV, 0, conversionStartUs(index, board)));
      const pulsedV = this.#fallen(
        this.#fallen(nodeV, 0, beforeUs),
        couplingRel * ledger.amplitudeV(dacCode),
        widthUs,
      );
      return [this.#fallen(pulsedV, 0, lastsUs - beforeUs - widthUs), { ...pulse, beforeCode }];
    });
    this.#rest(lastsUs);
    for (const [nodeV, { cell, kind }] of emitted) this.#nodeV.set(nodeNumber(cell, kind), nodeV);
    return emitted.map(([, pulse]) => pulse);
  }

  #rest(forUs: number): void {
    for (const [node, nodeV] of this.#nodeV) this.#nodeV.set(node, this.#fallen(nodeV, 0, forUs));
    this.#boardTimeUs += forUs;
  }

  #fallen(nodeV: number, boostV: number, forUs: number): number {
    const { tunneling, decayRate } = this.#parts.device;
    return nodeV - decayRate.value * tunnelingDropV(nodeV, boostV, forUs / US_PER_S, tunneling);
  }

  #voltsOf(code: number): number {
    return (code * this.#parts.converters.nodeVPerCode) / this.#parts.device.readGain.value;
  }

  #codeOf(nodeV: number): number {
    return (nodeV * this.#parts.device.readGain.value) / this.#parts.converters.nodeVPerCode;
  }

  #wave(number: number): DefinedWave {
    const wave = this.#parts.waves.get(number);
    if (wave === undefined) throw new FnloopError('invariant', `Wave ${number} of the plan is not known.`);
    return wave;
  }
}
