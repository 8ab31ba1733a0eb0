import { devices } from '../../calibration/devices.ts';
import { convertersOf } from '../../src/board/converters.ts';
import type { ArrayReading, BoardIdentity, Wave } from '../../src/board/types.ts';
import { seededRandom } from '../../src/core/random.ts';
import { type CellModel, nominalCellModel } from '../../src/training/cell-model.ts';
import type { WantedChange } from '../../src/training/policy.ts';

const US_PER_S = 1e6;

/** Wanted changes of random sign and size, each at least one pulse of `shortest` and at most one of `longest`. */
export class SyntheticGradient {
  readonly #model: CellModel;
  readonly #random = seededRandom(1, 'bench-gradient');
  readonly #shortest: Wave;
  readonly #longest: Wave;
  #freshResponseVPerS: number | undefined;

  constructor(board: BoardIdentity, device: string, shortest: Wave, longest: Wave) {
    const known = devices[device];
    if (known === undefined) throw new Error(`there is no device ${device}`);
    this.#model = nominalCellModel(known, convertersOf(board), 1);
    this.#shortest = shortest;
    this.#longest = longest;
  }

  /** What training computes for each cell: its wish, and what the model says of drift and response. */
  at(reading: ArrayReading, elapsedS: number): WantedChange[] {
    const { amplitudeV, widthUs } = this.#shortest;
    const rangeUs = this.#longest.widthUs - 2 * widthUs;
    return reading.cells.map((cell) => {
      const nodes = this.#model.nodesOf(cell);
      const driftV = this.#model.driftV(nodes, elapsedS);
      const responseVPerS = this.#model.responseVPerS(nodes, amplitudeV, widthUs / US_PER_S);
      this.#freshResponseVPerS ??= responseVPerS;
      const sign = this.#random.integer(2) === 0 ? 1 : -1;
      // Both residual and rounding stay below one shortest pulse.
      const wantedS = (sign * (2 * widthUs + this.#random.integer(rangeUs))) / US_PER_S;
      const wantedV = this.#freshResponseVPerS * (wantedS + driftV / responseVPerS);
      return {
        cell: cell.cell,
        wantedV,
        driftV,
        freshResponseVPerS: this.#freshResponseVPerS,
        responseVPerS,
      };
    });
  }
}
