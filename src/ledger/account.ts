import type { Device } from '../../calibration/devices.ts';
import {
  drivenChargeFC,
  type Estimator,
  fullCycleFJ,
  halfCV2FJ,
  tunneledChargeFC,
  tunnelingFJ,
} from '../../calibration/physics/energy.ts';
import { tunnelingDropV } from '../../calibration/physics/tunneling.ts';
import type { Converters } from '../board/converters.ts';
import { type Measured, sumOnOneNode } from './measured.ts';
import { type PerParameter, spread, tolerancesOf } from './tolerances.ts';

/** Raw record of one pulse. */
export interface PulseCodes {
  readonly dacCode: number;
  readonly widthUs: number;
  /** Time between both codes in which the pulse was not on, us. */
  readonly idleUs: number;
  readonly beforeCode: number;
  /** Null where the pulse was inferred and its codes are lost: what it tunneled is then the model's word. */
  readonly afterCode: number | null;
}

/** Charge and energy of one update, each with its sigma parts. */
export interface UpdateCost {
  readonly tunneledFC: Measured;
  readonly drivenFC: Measured;
  readonly energyFJ: Readonly<Record<Estimator, Measured>>;
}

/** What a pulse costs by its amplitude alone. */
interface DrivenCost {
  readonly boostV: number;
  readonly drivenFC: Measured;
  readonly fullCycleFJ: Measured;
  readonly halfCV2FJ: Measured;
}

/** Accounts for the updates of one board that carries one kind of chip. Pure but for what it remembers. */
export class Ledger {
  readonly #device: Device;
  readonly #converters: Converters;
  readonly #node: PerParameter;
  readonly #common: PerParameter;
  /** Noise of the difference of two node readings, V. */
  readonly #dropNoiseV: number;
  /** By DAC code: a run uses few, and pulses many. */
  readonly #driven = new Map<number, DrivenCost>();

  constructor(device: Device, converters: Converters) {
    this.#device = device;
    this.#converters = converters;
    this.#node = tolerancesOf(device, 'nodeRel');
    this.#common = tolerancesOf(device, 'commonRel');
    this.#dropNoiseV = Math.SQRT2 * readSigmaV(device, converters);
  }

  /** Pulse amplitude that a DAC code puts out, V. */
  amplitudeV(dacCode: number): number {
    return dacCode * this.#converters.amplitudeVPerCode * this.#device.dacGain.value;
  }

  /** Sums what the pulses of one update cost; all of them went to the same node. */
  account(pulses: readonly PulseCodes[]): UpdateCost {
    const [only] = pulses;
    if (only !== undefined && pulses.length === 1) return this.#accountPulse(only);
    const costs = pulses.map((pulse) => this.#accountPulse(pulse));
    const sum = (part: (cost: UpdateCost) => Measured) => sumOnOneNode(costs.map(part));
    return {
      tunneledFC: sum((cost) => cost.tunneledFC),
      drivenFC: sum((cost) => cost.drivenFC),
      energyFJ: {
        'full-cycle': sum((cost) => cost.energyFJ['full-cycle']),
        'half-cv2': sum((cost) => cost.energyFJ['half-cv2']),
        tunneling: sum((cost) => cost.energyFJ.tunneling),
      },
    };
  }

  /** Charge that a pulse on a node of that code will tunnel by the model, fC. */
  predictedChargeFC(
    { dacCode, widthUs }: Pick<PulseCodes, 'dacCode' | 'widthUs'>,
    beforeCode: number,
  ): number {
    return this.#accountUnread({ dacCode, widthUs, idleUs: 0, beforeCode, afterCode: null }).tunneledFC.value;
  }

  #accountPulse(pulse: PulseCodes): UpdateCost {
    const { dacCode, idleUs, beforeCode, afterCode } = pulse;
    if (afterCode === null) return this.#accountUnread(pulse);
    const { nodeCapacitanceFF, readGain, decayRate, tunneling } = this.#device;
    const driven = this.#drivenCost(dacCode);
    const { boostV } = driven;
    const nodeVPerCode = this.#converters.nodeVPerCode / readGain.value;
    const nodeV = beforeCode * nodeVPerCode;
    const oxideV = nodeV + boostV;
    const wholeDropV = (beforeCode - afterCode) * nodeVPerCode;
    // What the node lost before and after its pulse, while others of the slot went on, is not the update's.
    const idleDropV = decayRate.value * tunnelingDropV(nodeV, 0, idleUs / US_PER_S, tunneling);
    const dropV = wholeDropV - idleDropV;

    const tunneledFC = tunneledChargeFC(nodeCapacitanceFF.value, dropV);
    const idleFC = tunneledChargeFC(nodeCapacitanceFF.value, idleDropV);
    // A read gain that is off shifts the whole drop, and the node voltage on which the decay depends steeply.
    const steepness = 2 + tunneling.k2V / nodeV;
    const readFC = idleFC * steepness - tunneledChargeFC(nodeCapacitanceFF.value, wholeDropV);
    const noiseFC = tunneledChargeFC(nodeCapacitanceFF.value, this.#dropNoiseV);
    return {
      tunneledFC: this.#measured(tunneledFC, noiseFC, {
        nodeCapacitanceFF: tunneledFC,
        couplingFF: 0,
        dacGain: 0,
        readGain: readFC,
        decayRate: idleFC,
      }),
      drivenFC: driven.drivenFC,
      energyFJ: {
        'full-cycle': driven.fullCycleFJ,
        'half-cv2': driven.halfCV2FJ,
        tunneling: this.#measured(
          tunnelingFJ(nodeCapacitanceFF.value, dropV, nodeV, boostV),
          Math.abs(tunnelingFJ(nodeCapacitanceFF.value, this.#dropNoiseV, nodeV, boostV)),
          {
            nodeCapacitanceFF: tunneledFC * nodeV,
            couplingFF: tunneledFC * boostV,
            dacGain: tunneledFC * boostV,
            readGain: readFC * oxideV - tunneledFC * nodeV,
            decayRate: idleFC * oxideV,
          },
        ),
      },
    };
  }

  /** A pulse that happened but was not read: the drop that the model expects, with the model's sigma. */
  #accountUnread({ dacCode, widthUs, beforeCode }: PulseCodes): UpdateCost {
    const { nodeCapacitanceFF, readGain, decayRate, tunneling } = this.#device;
    const driven = this.#drivenCost(dacCode);
    const { boostV } = driven;
    const nodeV = (beforeCode * this.#converters.nodeVPerCode) / readGain.value;
    const oxideV = nodeV + boostV;
    const dropV = decayRate.value * tunnelingDropV(nodeV, boostV, widthUs / US_PER_S, tunneling);
    const tunneledFC = tunneledChargeFC(nodeCapacitanceFF.value, dropV);
    const steepness = (2 + tunneling.k2V / oxideV) / oxideV;
    const slopes = {
      nodeCapacitanceFF: tunneledFC * (1 - boostV * steepness),
      couplingFF: tunneledFC * boostV * steepness,
      dacGain: tunneledFC * boostV * steepness,
      readGain: -tunneledFC * nodeV * steepness,
      decayRate: tunneledFC,
    };
    const energyFJ = tunnelingFJ(nodeCapacitanceFF.value, dropV, nodeV, boostV);
    return {
      tunneledFC: this.#measured(tunneledFC, 0, slopes),
      drivenFC: driven.drivenFC,
      energyFJ: {
        'full-cycle': driven.fullCycleFJ,
        'half-cv2': driven.halfCV2FJ,
        tunneling: this.#measured(energyFJ, 0, {
          nodeCapacitanceFF: slopes.nodeCapacitanceFF * oxideV - tunneledFC * boostV,
          couplingFF: slopes.couplingFF * oxideV + tunneledFC * boostV,
          dacGain: slopes.dacGain * oxideV + tunneledFC * boostV,
          readGain: slopes.readGain * oxideV - tunneledFC * nodeV,
          decayRate: tunneledFC * oxideV,
        }),
      },
    };
  }

  #drivenCost(dacCode: number): DrivenCost {
    const known = this.#driven.get(dacCode);
    if (known !== undefined) return known;
    const { nodeCapacitanceFF, couplingFF } = this.#device;
    const amplitudeV = this.amplitudeV(dacCode);
    const couplingRel = couplingFF.value / nodeCapacitanceFF.value;
    const drivenFC = drivenChargeFC(couplingFF.value, amplitudeV);
    const half = halfCV2FJ(couplingFF.value, amplitudeV);
    const full = fullCycleFJ(couplingFF.value, couplingRel, amplitudeV);
    const none = { nodeCapacitanceFF: 0, couplingFF: 0, dacGain: 0, readGain: 0, decayRate: 0 };
    const cost = {
      boostV: couplingRel * amplitudeV,
      drivenFC: this.#measured(drivenFC, 0, { ...none, couplingFF: drivenFC, dacGain: drivenFC }),
      fullCycleFJ: this.#measured(full, 0, {
        ...none,
        couplingFF: (full * (1 - 2 * couplingRel)) / (1 - couplingRel),
        nodeCapacitanceFF: (full * couplingRel) / (1 - couplingRel),
        dacGain: 2 * full,
      }),
      halfCV2FJ: this.#measured(half, 0, { ...none, couplingFF: half, dacGain: 2 * half }),
    };
    this.#driven.set(dacCode, cost);
    return cost;
  }

  #measured(value: number, noiseSigma: number, slopes: PerParameter): Measured {
    return {
      value,
      noiseSigma,
      nodeSigma: spread(slopes, this.#node),
      commonSigma: spread(slopes, this.#common),
    };
  }
}

const US_PER_S = 1e6;

/** Sigma of one averaged node reading, V: converter noise and quantization, at the node. */
export function readSigmaV(device: Device, converters: Converters): number {
  const gain = converters.readGain * device.readGain.value;
  const noiseV = device.adcNoiseV / Math.sqrt(converters.readAverages) / gain;
  return Math.hypot(noiseV, converters.nodeVPerCode / Math.sqrt(12));
}
