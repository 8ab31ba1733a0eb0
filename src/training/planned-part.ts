import type { Estimator } from '../../calibration/physics/energy.ts';
import { nodeNumber } from '../board/nodes.ts';
import type { UpdateCost } from '../ledger/account.ts';
import { MeasuredTotal, type Statistic } from '../ledger/measured-total.ts';
import type { PlannedBatch, PlannedUpdate } from '../scheduling/plan.ts';
import type { WireBytes } from '../scheduling/wire-cost.ts';

/** What a part of a plan comes to. Energies and charges are by the model, with the sigma of its parameters. */
export interface PlannedPart {
  readonly updates: number;
  readonly pulses: number;
  readonly batches: number;
  readonly slots: number;
  /** Wanted changes beyond the longest pulse, whose excess is dropped. */
  readonly clipped: number;
  readonly boardTimeS: number;
  readonly wireBytes: WireBytes;
  readonly energyFJ: Readonly<Record<Estimator, Statistic>>;
  readonly chargeFC: Readonly<Record<'tunneled' | 'driven', Statistic>>;
}

/** Adds up a part of a plan, batch by batch and update by update. */
export class PartTally {
  readonly #energyFJ = {
    'full-cycle': new MeasuredTotal(),
    'half-cv2': new MeasuredTotal(),
    tunneling: new MeasuredTotal(),
  };
  readonly #chargeFC = { tunneled: new MeasuredTotal(), driven: new MeasuredTotal() };
  readonly #counts = { updates: 0, pulses: 0, batches: 0, slots: 0, clipped: 0 };

  clip(changes: number): void {
    this.#counts.clipped += changes;
  }

  batch({ slots, pulses }: PlannedBatch): void {
    this.#counts.batches += 1;
    this.#counts.slots += slots.length;
    this.#counts.pulses += pulses.length;
  }

  update({ cell, kind }: PlannedUpdate, { energyFJ, tunneledFC, drivenFC }: UpdateCost): void {
    const node = nodeNumber(cell, kind);
    this.#counts.updates += 1;
    this.#energyFJ['full-cycle'].add(node, energyFJ['full-cycle']);
    this.#energyFJ['half-cv2'].add(node, energyFJ['half-cv2']);
    this.#energyFJ.tunneling.add(node, energyFJ.tunneling);
    this.#chargeFC.tunneled.add(node, tunneledFC);
    this.#chargeFC.driven.add(node, drivenFC);
  }

  result(boardTimeUs: number, wireBytes: WireBytes): PlannedPart {
    const { 'full-cycle': fullCycle, 'half-cv2': halfCV2, tunneling } = this.#energyFJ;
    return {
      ...this.#counts,
      boardTimeS: boardTimeUs / 1e6,
      wireBytes,
      energyFJ: {
        'full-cycle': fullCycle.statistic,
        'half-cv2': halfCV2.statistic,
        tunneling: tunneling.statistic,
      },
      chargeFC: { tunneled: this.#chargeFC.tunneled.statistic, driven: this.#chargeFC.driven.statistic },
    };
  }
}
