import { devices } from '../../calibration/devices.ts';
import { convertersOf } from '../../src/board/converters.ts';
import type { ArrayReading, BoardIdentity, Wave } from '../../src/board/types.ts';
import { nominalChip } from '../../src/chip/chip-model.ts';
import { seededRandom } from '../../src/core/random.ts';
import { type CellModel, cellModel } from '../../src/training/cell-model.ts';
import type { Responses, WantedChange } from '../../src/training/policy.ts';

const US_PER_S = 1e6;

/** Wanted changes of random sign and size, each at least one pulse of `shortest` and at most one of `longest`. */
export class SyntheticGradient {
  readonly #model: CellModel;
  readonly #random = seededRandom(1, 'bench-gradient');
  readonly #shortest: Wave;
  readonly #longest: Wave;
  readonly #fresh = new Map<number, Responses>();

  constructor(board: BoardIdentity, device: string, shortest: Wave, longest: Wave) {
    const known = devices[device];
    if (known === undefined) throw new Error(`there is no device ${device}`);
    this.#model = cellModel(nominalChip(known), convertersOf(board), 1);
    this.#shortest = shortest;
    this.#longest = longest;
  }

  /** What training computes for each cell: its wish, and what the model says of drift and response. */
  at(reading: ArrayReading, elapsedS: number): WantedChange[] {
    const { amplitudeV, widthUs } = this.#shortest;
    const rangeUs = this.#longest.widthUs - 2 * widthUs;
    return reading.cells.map((cell) => {
      const driftV = this.#model.driftV(cell, elapsedS, reading.temperatureK);
      const shape = { amplitudeV, widthS: widthUs / US_PER_S };
      const responseVPerS = this.#model.responsesVPerS(cell, shape, reading.temperatureK);
      const freshVPerS = this.#fresh.get(cell.cell) ?? responseVPerS;
      this.#fresh.set(cell.cell, freshVPerS);
      const kind = this.#random.integer(2) === 0 ? 'SET' : 'RESET';
      // Both residual and rounding stay below one shortest pulse.
      const aimS = (2 * widthUs + this.#random.integer(rangeUs)) / US_PER_S;
      const aimV = (kind === 'SET' ? aimS : -aimS) * responseVPerS[kind];
      const softening = (freshVPerS.SET + freshVPerS.RESET) / (responseVPerS.SET + responseVPerS.RESET);
      return {
        cell: cell.cell,
        weightV: this.#model.weightV(cell),
        wantedV: (aimV + driftV) * softening,
        driftV,
        freshVPerS,
        responseVPerS,
        movesV: (pulse) => this.#model.movesV(cell, pulse, reading.temperatureK),
      };
    });
  }
}
