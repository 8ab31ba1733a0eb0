import { finiteRateZJ } from '../../calibration/bounds/finite-rate.ts';
import { landauerZJ } from '../../calibration/bounds/landauer.ts';
import { matchedUpdateZJ } from '../../calibration/bounds/matched.ts';
import { recycledZJ } from '../../calibration/bounds/recycled.ts';
import { retentionBarrierKT, staticZJ } from '../../calibration/bounds/static.ts';
import { type BoundName, boundNames } from '../../calibration/bounds/training-bounds.ts';
import { ELEMENTARY_CHARGE_C, thermalEnergyZJ } from '../../calibration/constants.ts';
import type { Experiment } from '../config/experiment.ts';

export { type BoundName, boundNames };

/** What the bounds of an update depend on besides the settings. */
export interface BoundedUpdate {
  /** Which update of its parameter it is, from 1. */
  readonly n: number;
  /** How long its node was under pulse, us. */
  readonly widthUs: number;
  /** Plasticity time of the node before it, s. */
  readonly plasticityS: number;
  /** Tunneled charge, fC. */
  readonly tunneledFC: number;
}

/**
 * The lower bounds that every update is compared with, zJ, each with that update's own n, rate, barrier and bits; THEORY.md,
 * equation 26. What is the same for all updates is computed once.
 */
export class UpdateBounds {
  readonly #settings: Experiment['accounting'];
  readonly #same: Readonly<Record<'landauer' | 'static' | 'recycled', number>>;
  readonly #retentionKT: number;
  readonly #perElectronZJ: number;

  constructor(settings: Experiment['accounting']) {
    this.#settings = settings;
    this.#same = {
      landauer: landauerZJ(settings),
      static: staticZJ(settings),
      recycled: recycledZJ(settings),
    };
    this.#retentionKT = retentionBarrierKT(settings);
    this.#perElectronZJ = 2 * thermalEnergyZJ(settings.temperatureK);
  }

  of({ n, widthUs, plasticityS, tunneledFC }: BoundedUpdate): Readonly<Record<BoundName, number>> {
    const { temperatureK, rateMaxPerS } = this.#settings;
    return {
      landauer: this.#same.landauer,
      static: this.#same.static,
      'finite-rate': finiteRateZJ({
        temperatureK,
        ratePerS: US_PER_S / widthUs,
        rateMaxPerS,
        // Over which the state that the update found decays in its plasticity time; a node as good as empty never does.
        barrierKT: Math.min(this.#retentionKT, Math.max(0, Math.log(rateMaxPerS * plasticityS))),
      }),
      matched: matchedUpdateZJ(n, this.#settings),
      recycled: this.#same.recycled,
      // n electrons that cross one by one resolve their number to 1/2 log2(n) bits.
      precision: this.#perElectronZJ * Math.max(0, tunneledFC / ELECTRON_FC),
    };
  }
}

const US_PER_S = 1e6;
const ELECTRON_FC = ELEMENTARY_CHARGE_C * 1e15;
