import type { WeightSign } from '../../calibration/physics/cell.ts';
import { batchCapacity } from '../board/board.ts';
import type { Converters } from '../board/converters.ts';
import { nodeNumber } from '../board/nodes.ts';
import type { ArrayReading, BoardIdentity, DefinedWave } from '../board/types.ts';
import { type ChipModel, pulsedNode } from '../chip/chip-model.ts';
import { FnloopError } from '../core/errors.ts';
import type { Ledger, PulseCodes, PulsedNode } from '../ledger/account.ts';
import { voltSecondsOf } from '../scheduling/budget.ts';
import { NodeUsage } from '../scheduling/node-usage.ts';
import { GAP_US, type PlannedUpdate, planBatches } from '../scheduling/plan.ts';
import { type WireBytes, WireCost } from '../scheduling/wire-cost.ts';
import { ExpectedChip, type ExpectedPulse } from './expected-chip.ts';
import { PartTally, type PlannedPart } from './planned-part.ts';
import type { ProposedUpdate } from './policy.ts';

export interface PlannedRunParts {
  readonly board: BoardIdentity;
  readonly chip: ChipModel;
  readonly sign: WeightSign;
  readonly converters: Converters;
  readonly ledger: Ledger;
  readonly waves: readonly DefinedWave[];
  readonly reading: ArrayReading;
}

/** A run on cells that do what the model says: takes the place of board, runner and ledger, and sends nothing. */
export class PlannedRun {
  /** What the plan adds to each node. */
  readonly added = new NodeUsage();
  readonly #parts: PlannedRunParts;
  readonly #waves: ReadonlyMap<number, DefinedWave>;
  readonly #chip: ExpectedChip;
  readonly #wire: WireCost;
  #mostPulsesInBatch = 0;
  #nextBatch: number;
  #updates = 0;

  constructor(parts: PlannedRunParts) {
    this.#parts = parts;
    this.#waves = new Map(parts.waves.map((wave) => [wave.wave, wave]));
    this.#chip = new ExpectedChip(parts.reading, { ...parts, waves: this.#waves });
    this.#wire = new WireCost(parts.board);
    this.#nextBatch = parts.board.lastBatch + 1;
  }

  get mostPulsesInBatch(): number {
    return this.#mostPulsesInBatch;
  }

  /** Bytes of taking the board over and of its first reading. */
  prepare(): WireBytes {
    const { waves, reading } = this.#parts;
    this.#wire.prepare(waves, reading.boardTimeUs);
    this.#wire.read(reading);
    return this.#wire.bytes;
  }

  /** Does some work and says what it came to. */
  part(work: (tally: PartTally) => void): PlannedPart {
    const startedUs = this.#chip.boardTimeUs;
    const before = this.#wire.bytes;
    const tally = new PartTally();
    work(tally);
    const { toBoard, toHost } = this.#wire.bytes;
    return tally.result(this.#chip.boardTimeUs - startedUs, {
      toBoard: toBoard - before.toBoard,
      toHost: toHost - before.toHost,
    });
  }

  execute(proposed: readonly ProposedUpdate[], tally: PartTally): void {
    const updates = proposed.map((update): PlannedUpdate => {
      this.#updates += 1;
      return { ...update, update: this.#updates };
    });
    const batches = planBatches(updates, {
      firstBatch: this.#nextBatch,
      firstIntent: 1,
      gapUs: GAP_US,
      maxPulses: batchCapacity(this.#parts.board),
    });
    this.#nextBatch += batches.length;
    const pulsesOf = new Map(updates.map(({ update }): [number, PulseCodes[]] => [update, []]));
    for (const batch of batches) {
      const startedUs = this.#chip.boardTimeUs;
      for (const pulse of this.#chip.run(batch)) pulsesOf.get(pulse.update)?.push(this.#count(pulse));
      this.#wire.run(batch, startedUs, this.#chip.boardTimeUs);
      this.#mostPulsesInBatch = Math.max(this.#mostPulsesInBatch, batch.pulses.length);
      tally.batch(batch);
    }
    for (const update of updates)
      tally.update(
        update,
        this.#parts.ledger.account(pulsesOf.get(update.update) ?? [], this.#nodeOf(update)),
      );
  }

  /** What the board would answer to READ after all that. */
  read(): ArrayReading {
    const reading = this.#chip.read();
    this.#wire.read(reading);
    return reading;
  }

  #nodeOf({ cell, kind }: Pick<PlannedUpdate, 'cell' | 'kind'>): PulsedNode {
    const { sign, reading } = this.#parts;
    return { node: pulsedNode(cell, kind, sign), temperatureK: reading.temperatureK };
  }

  #count({ cell, kind, wave, beforeCode }: ExpectedPulse): PulseCodes {
    const shape = this.#waves.get(wave);
    if (shape === undefined) throw new FnloopError('invariant', `Wave ${wave} of the plan is not known.`);
    this.added.add(nodeNumber(cell, kind), {
      pulses: 1,
      voltSeconds: voltSecondsOf(shape),
      chargeFC: this.#parts.ledger.predictedChargeFC(shape, beforeCode, this.#nodeOf({ cell, kind })),
    });
    return { dacCode: shape.dacCode, widthUs: shape.widthUs, idleUs: 0, beforeCode, afterCode: null };
  }
}
