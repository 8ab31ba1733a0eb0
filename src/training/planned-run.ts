import type { WeightSign } from '../../calibration/physics/cell.ts';
import { batchCapacity } from '../board/batch-capacity.ts';
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
import type { Proposal, ProposedUpdate } from './policy.ts';
import { UpdateNumbers } from './step-updates.ts';

export interface PlannedRunParts {
  readonly board: BoardIdentity;
  readonly chip: ChipModel;
  readonly sign: WeightSign;
  readonly converters: Converters;
  readonly ledger: Ledger;
  readonly waves: readonly DefinedWave[];
  readonly reading: ArrayReading;
  /** Pace of the board's wire. */
  readonly bytesPerS: number;
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
  readonly #numbers = new UpdateNumbers();
  #nextBatch: number;

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

  /** Does a step, `first` and then what `correct` makes of each reading, until that is nothing. Returns the last reading. */
  step(first: Proposal, correct: (reading: ArrayReading) => Proposal, tally: PartTally): ArrayReading {
    this.#numbers.beginStep();
    const done = new Map<number, { readonly update: PlannedUpdate; readonly pulses: PulseCodes[] }>();
    let proposal = first;
    let latest: ArrayReading;
    do {
      tally.clip(proposal.clipped);
      this.#execute(proposal.updates, done, tally);
      latest = this.#read();
      proposal = correct(latest);
    } while (proposal.updates.length > 0);
    tally.clip(proposal.clipped);
    for (const { update, pulses } of done.values())
      tally.update(update, this.#parts.ledger.account(pulses, this.#nodeOf(update)));
    return latest;
  }

  #execute(
    proposed: readonly ProposedUpdate[],
    done: Map<number, { readonly update: PlannedUpdate; readonly pulses: PulseCodes[] }>,
    tally: PartTally,
  ): void {
    const updates = this.#numbers.number(proposed);
    const batches = planBatches(updates, {
      firstBatch: this.#nextBatch,
      firstIntent: 1,
      gapUs: GAP_US,
      maxPulses: batchCapacity(this.#parts.board, this.#parts.bytesPerS),
    });
    this.#nextBatch += batches.length;
    for (const update of updates)
      if (!done.has(update.update)) done.set(update.update, { update, pulses: [] });
    for (const batch of batches) {
      const startedUs = this.#chip.boardTimeUs;
      for (const pulse of this.#chip.run(batch)) done.get(pulse.update)?.pulses.push(this.#count(pulse));
      this.#wire.run(batch, startedUs, this.#chip.boardTimeUs);
      this.#mostPulsesInBatch = Math.max(this.#mostPulsesInBatch, batch.pulses.length);
      tally.batch(batch);
    }
  }

  /** What the board would answer to READ after all that. */
  #read(): ArrayReading {
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
