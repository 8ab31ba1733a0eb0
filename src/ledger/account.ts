import { ELEMENTARY_CHARGE_C } from '../../calibration/constants.ts';
import type { Device } from '../../calibration/devices.ts';
import {
  drivenChargeFC,
  type Estimator,
  fullCycleFJ,
  halfCV2FJ,
  tunneledChargeFC,
  tunnelingFJ,
} from '../../calibration/physics/energy.ts';
import { plasticityS, tunnelingDropV } from '../../calibration/physics/tunneling.ts';
import type { Converters } from '../board/converters.ts';
import type { ArrayReading } from '../board/types.ts';
import type { ChipModel } from '../chip/chip-model.ts';
import { type Gate, type NodeModel, nominalNode } from '../chip/node-model.ts';
import { type AccountedNode, calibratedAccount, nominalAccount, type OxideState } from './accounted-node.ts';
import { type Leanings, leansOnNothing } from './leanings.ts';
import { type Measured, sumOnOneNode } from './measured.ts';
import { type Converted, type Overhead, overheadOf, workBetween } from './overhead.ts';

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

/** Which node was pulsed, and how warm the chip was as far as anybody told. */
export interface PulsedNode {
  /** Its number as it is read. */
  readonly node: number;
  readonly temperatureK: number | undefined;
}

/** Where the energy of an update went, fJ, besides the driving of its first pulse. */
export interface EnergyParts {
  /** Tunneled charge of the first pulse, through the node's own voltage and through the boost. */
  readonly coreFJ: number;
  readonly tiltFJ: number;
  /** Free decay in the part of the slots in which the node's pulse was not on: beside every estimator. */
  readonly driftFJ: number;
  /** full-cycle and tunneling of all pulses after the first. */
  readonly verifyFJ: number;
}

/** Charge and energy of one update, each with its sigma parts. */
export interface UpdateCost {
  readonly tunneledFC: Measured;
  readonly drivenFC: Measured;
  readonly energyFJ: Readonly<Record<Estimator, Measured>>;
  readonly parts: EnergyParts;
  /** Plasticity time of the node before the first pulse, s. */
  readonly plasticityS: number;
}

type PulseCost = Omit<UpdateCost, 'parts'> & Pick<EnergyParts, 'tiltFJ' | 'driftFJ'>;

/** What a pulse on a node costs by its amplitude alone. */
interface DrivenCost {
  readonly drivenFC: Measured;
  readonly fullCycleFJ: Measured;
  readonly halfCV2FJ: Measured;
}

interface KnownNode {
  readonly account: AccountedNode;
  /** By DAC code: a run uses few, and pulses many. */
  readonly driven: Map<number, DrivenCost>;
}

/** Accounts for the updates of one board and its chip. Pure but for what it remembers. */
export class Ledger {
  readonly #chip: ChipModel;
  readonly #converters: Converters;
  /** Noise of one node reading, V. */
  readonly #readSigmaV: number;
  readonly #nominal: NodeModel;
  /** By what is believed of a node: of chips that are not calibrated, all nodes share one. */
  readonly #known = new Map<NodeModel, KnownNode>();

  constructor(chip: ChipModel, converters: Converters) {
    this.#chip = chip;
    this.#converters = converters;
    this.#readSigmaV = readSigmaV(chip.device, converters);
    this.#nominal = nominalNode(chip.device);
  }

  /** Pulse amplitude that a DAC code puts out, V. */
  amplitudeV(dacCode: number): number {
    return dacCode * this.#converters.amplitudeVPerCode * this.#chip.device.dacGain.value;
  }

  /** Sums what the pulses of one update cost, of which there is at least one; all went to the node named. */
  account(pulses: readonly PulseCodes[], at: PulsedNode): UpdateCost {
    const costs = pulses.map((pulse) => this.#accountPulse(pulse, at));
    const [first] = costs;
    if (first === undefined) throw new RangeError('an update has at least one pulse');
    const { tiltFJ } = first;
    const coreFJ = first.energyFJ.tunneling.value - tiltFJ;
    if (costs.length === 1) {
      const { tunneledFC, drivenFC, energyFJ, driftFJ } = first;
      const parts = { coreFJ, tiltFJ, driftFJ, verifyFJ: 0 };
      return { tunneledFC, drivenFC, energyFJ, parts, plasticityS: first.plasticityS };
    }
    const sum = (part: (cost: PulseCost) => Measured) => sumOnOneNode(costs.map(part));
    const verify = costs.slice(1);
    return {
      tunneledFC: sum((cost) => cost.tunneledFC),
      drivenFC: sum((cost) => cost.drivenFC),
      energyFJ: {
        'full-cycle': sum((cost) => cost.energyFJ['full-cycle']),
        'half-cv2': sum((cost) => cost.energyFJ['half-cv2']),
        tunneling: sum((cost) => cost.energyFJ.tunneling),
      },
      parts: {
        coreFJ,
        tiltFJ,
        driftFJ: costs.reduce((total, cost) => total + cost.driftFJ, 0),
        verifyFJ: verify.reduce(
          (total, { energyFJ }) => total + energyFJ['full-cycle'].value + energyFJ.tunneling.value,
          0,
        ),
      },
      plasticityS: first.plasticityS,
    };
  }

  /** Charge that a pulse on a node of that code will tunnel by the model, fC. */
  predictedChargeFC(
    { dacCode, widthUs }: Pick<PulseCodes, 'dacCode' | 'widthUs'>,
    beforeCode: number,
    at: PulsedNode,
  ): number {
    const pulse = { dacCode, widthUs, idleUs: 0, beforeCode, afterCode: null };
    return this.#accountPulse(pulse, at).tunneledFC.value;
  }

  /** What reading the chip and running the board took from one reading to another. */
  overhead(before: ArrayReading, after: ArrayReading, converted: Converted): Overhead {
    return overheadOf(this.#chip.device, workBetween(before, after, converted));
  }

  #accountPulse(pulse: PulseCodes, { node, temperatureK: toldK }: PulsedNode): PulseCost {
    const known = this.#knownNode(node);
    const temperatureK = this.#chip.temperatureK(toldK);
    const isTemperatureKnown = this.#chip.knowsTemperature(toldK);
    const gate = known.account.gateAt(pulse.beforeCode * this.#converters.nodeVPerCode, temperatureK);
    const boostV = gate.couplingRel * this.amplitudeV(pulse.dacCode);
    const found = { gate, boostV, temperatureK, isTemperatureKnown, known };
    const { afterCode } = pulse;
    return afterCode === null
      ? this.#accountUnread(pulse, found)
      : this.#accountRead({ ...pulse, afterCode }, found);
  }

  #accountRead(
    { dacCode, idleUs, beforeCode, afterCode }: PulseCodes & { readonly afterCode: number },
    { gate, boostV, known, ...thermal }: FoundNode,
  ): PulseCost {
    const { account } = known;
    const gain = this.#chip.device.readGain.value;
    const oxideV = gate.nodeV + boostV;
    // What the node lost before and after its pulse, while others of the slot went on, is not the update's.
    const idleDropV = tunnelingDropV(gate.nodeV, 0, idleUs / US_PER_S, gate.tunneling);
    const dropV = (beforeCode - afterCode) * this.#converters.nodeVPerCode - idleDropV;

    const capacitanceFF = account.nodeCapacitanceFF / gain;
    const tunneledFC = tunneledChargeFC(capacitanceFF, dropV);
    const idleFC = tunneledChargeFC(capacitanceFF, idleDropV);
    const tiltFJ = (tunneledFC * boostV) / gain;
    const energyFJ = tunnelingFJ(capacitanceFF, dropV, gate.nodeV / gain, boostV / gain);
    // Both readings, and the electrons that the model's free decay does not count.
    const noiseV = Math.sqrt(
      2 * this.#readSigmaV * this.#readSigmaV + (Math.max(0, idleDropV) * ELECTRON_FC) / capacitanceFF,
    );
    const noiseFC = tunneledChargeFC(capacitanceFF, noiseV);
    const idleState = { oxideV: gate.nodeV, ...thermal };
    const driven = this.#drivenCost(known, dacCode);
    return {
      tunneledFC: this.#measured(account, idleState, tunneledFC, noiseFC, {
        ...leansOnNothing,
        nodeCapacitance: tunneledFC,
        readGain: -tunneledFC,
        rate: -idleFC,
      }),
      drivenFC: driven.drivenFC,
      energyFJ: {
        'full-cycle': driven.fullCycleFJ,
        'half-cv2': driven.halfCV2FJ,
        tunneling: this.#measured(account, idleState, energyFJ, Math.abs((noiseFC * oxideV) / gain), {
          ...leansOnNothing,
          nodeCapacitance: energyFJ,
          readGain: -energyFJ - (tunneledFC * gate.nodeV) / gain,
          rate: (-idleFC * oxideV) / gain,
          boost: tiltFJ,
        }),
      },
      tiltFJ,
      driftFJ: (idleFC * gate.nodeV) / gain,
      plasticityS: plasticityS(gate.nodeV, gate.tunneling),
    };
  }

  /** A pulse that happened but was not read: the drop that the model expects, with the model's sigma. */
  #accountUnread(
    { dacCode, widthUs }: PulseCodes,
    { gate, boostV, known, ...thermal }: FoundNode,
  ): PulseCost {
    const { account } = known;
    const gain = this.#chip.device.readGain.value;
    const oxideV = gate.nodeV + boostV;
    const dropV = tunnelingDropV(gate.nodeV, boostV, widthUs / US_PER_S, gate.tunneling);
    const capacitanceFF = account.nodeCapacitanceFF / gain;
    const tunneledFC = tunneledChargeFC(capacitanceFF, dropV);
    const tiltFJ = (tunneledFC * boostV) / gain;
    const energyFJ = tunnelingFJ(capacitanceFF, dropV, gate.nodeV / gain, boostV / gain);
    const steepness = (2 + gate.tunneling.k2V / oxideV) / oxideV;
    const boostRel = boostV * steepness;
    const noiseRel = Math.hypot(
      steepness * this.#readSigmaV,
      dropV > 0 ? Math.sqrt(ELECTRON_FC / (capacitanceFF * dropV)) : 0,
    );
    const state = { oxideV, ...thermal };
    const driven = this.#drivenCost(known, dacCode);
    return {
      tunneledFC: this.#measured(account, state, tunneledFC, tunneledFC * noiseRel, {
        ...leansOnNothing,
        nodeCapacitance: tunneledFC,
        readGain: -tunneledFC,
        rate: tunneledFC,
        boost: tunneledFC * boostRel,
      }),
      drivenFC: driven.drivenFC,
      energyFJ: {
        'full-cycle': driven.fullCycleFJ,
        'half-cv2': driven.halfCV2FJ,
        tunneling: this.#measured(account, state, energyFJ, energyFJ * noiseRel, {
          ...leansOnNothing,
          nodeCapacitance: energyFJ,
          readGain: -energyFJ - (tunneledFC * gate.nodeV) / gain,
          rate: energyFJ,
          boost: energyFJ * boostRel + tiltFJ,
        }),
      },
      tiltFJ,
      driftFJ: 0,
      plasticityS: plasticityS(gate.nodeV, gate.tunneling),
    };
  }

  #drivenCost({ account, driven: known }: KnownNode, dacCode: number): DrivenCost {
    const kept = known.get(dacCode);
    if (kept !== undefined) return kept;
    const { nodeCapacitanceFF, couplingFF } = account;
    const amplitudeV = this.amplitudeV(dacCode);
    const couplingRel = couplingFF / nodeCapacitanceFF;
    const drivenFC = drivenChargeFC(couplingFF, amplitudeV);
    const half = halfCV2FJ(couplingFF, amplitudeV);
    const full = fullCycleFJ(couplingFF, couplingRel, amplitudeV);
    const measured = (value: number, leanings: Partial<Leanings>) =>
      this.#measured(account, ANYWHERE, value, 0, { ...leansOnNothing, ...leanings });
    const cost = {
      drivenFC: measured(drivenFC, { coupling: drivenFC, dacGain: drivenFC }),
      fullCycleFJ: measured(full, {
        coupling: (full * (1 - 2 * couplingRel)) / (1 - couplingRel),
        nodeCapacitance: (full * couplingRel) / (1 - couplingRel),
        dacGain: 2 * full,
      }),
      halfCV2FJ: measured(half, { coupling: half, dacGain: 2 * half }),
    };
    known.set(dacCode, cost);
    return cost;
  }

  #knownNode(node: number): KnownNode {
    const calibrated = this.#chip.isCalibrated ? this.#chip.node(node) : undefined;
    const model = calibrated ?? this.#nominal;
    const kept = this.#known.get(model);
    if (kept !== undefined) return kept;
    const { device } = this.#chip;
    const account =
      calibrated === undefined ? nominalAccount(device, model) : calibratedAccount(device, model);
    const known = { account, driven: new Map<number, DrivenCost>() };
    this.#known.set(model, known);
    return known;
  }

  #measured(
    account: AccountedNode,
    at: OxideState,
    value: number,
    noiseSigma: number,
    leanings: Leanings,
  ): Measured {
    return {
      value,
      noiseSigma,
      nodeSigma: account.nodeSigma(leanings, at),
      commonSigma: account.commonSigma(leanings, at),
    };
  }
}

/** A pulsed node at the voltage at which its pulse found it; volts as read. */
interface FoundNode extends Omit<OxideState, 'oxideV'> {
  readonly gate: Gate;
  readonly boostV: number;
  readonly known: KnownNode;
}

const US_PER_S = 1e6;
const ELECTRON_FC = ELEMENTARY_CHARGE_C * 1e15;
/** For estimates that do not lean on the rate, whose state does not matter. */
const ANYWHERE: OxideState = { oxideV: 1, temperatureK: 300, isTemperatureKnown: true };

/** Sigma of one averaged node reading, V: converter noise and quantization, at the node. */
export function readSigmaV(device: Device, converters: Converters): number {
  const gain = converters.readGain * device.readGain.value;
  const noiseV = device.adcNoiseV / Math.sqrt(converters.readAverages) / gain;
  return Math.hypot(noiseV, converters.nodeVPerCode / Math.sqrt(12));
}
