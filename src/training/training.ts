import { type Observable, Subject } from 'rxjs';
import type { Device } from '../../calibration/devices.ts';
import { commonModeV, type WeightSign, weightV } from '../../calibration/physics/cell.ts';
import type { Board } from '../board/board.ts';
import { type Converters, convertersOf } from '../board/converters.ts';
import { cellCount } from '../board/limits.ts';
import type { ArrayReading, CellReading, DefinedWave } from '../board/types.ts';
import type { Experiment } from '../config/experiment.ts';
import type { Clock } from '../core/clock.ts';
import { FnloopError } from '../core/errors.ts';
import { seededRandom } from '../core/random.ts';
import { Ledger, readSigmaV } from '../ledger/account.ts';
import { Budget } from '../scheduling/budget.ts';
import type { NodeUsage } from '../scheduling/node-usage.ts';
import { type ExecutedUpdate, Runner } from '../scheduling/runner.ts';
import { CellWitness } from '../settling/cell-witness.ts';
import type { RunFile } from '../store/run-file.ts';
import type { Row } from '../store/tables.ts';
import { type UpdateContext, updateRow } from '../store/update-row.ts';
import { findWeightSign } from './bring-up.ts';
import { type CellModel, nominalCellModel } from './cell-model.ts';
import { minibatches } from './data-order.ts';
import { evaluate, gradient, type Weights } from './logistic.ts';
import { createPolicy } from './policies/index.ts';
import type { Policy, WantedChange } from './policy.ts';
import type { Task } from './task.ts';

export interface TrainingParts {
  readonly board: Board;
  readonly runFile: RunFile;
  readonly experiment: Experiment;
  readonly device: Device;
  readonly task: Task;
  /** What the board's nodes have received before, for the experiment's budget. */
  readonly past: NodeUsage;
  readonly clock: Clock;
  /** Ends the run before its first pulse, or after the batch in flight. */
  readonly signal: AbortSignal;
}

/** News of one finished step. */
export interface StepNews {
  readonly step: Row<'steps'>;
  readonly updates: readonly Row<'updates'>[];
}

const US_PER_S = 1e6;

/**
 * Gradient training with the weights on the chip: read them back, compute the gradient at the weights
 * that the chip really holds, let the policy turn it into pulses, account for each, read again.
 */
export class Training {
  readonly #parts: TrainingParts;
  readonly #converters: Converters;
  readonly #ledger: Ledger;
  readonly #policy: Policy;
  readonly #witness: CellWitness;
  readonly #runner: Runner;
  /** Weight k lives in cell #cells[k]. */
  readonly #cells: readonly number[];
  readonly #waves = new Map<number, DefinedWave>();
  readonly #updatesOfCell = new Map<number, number>();
  readonly #news = new Subject<StepNews>();
  #sign: WeightSign = 1;
  #model: CellModel;
  #reading: ArrayReading = { bootNonce: 0, boardTimeUs: 0, cells: [] };
  #updates = 0;

  /** Each step once it is on disk. Hot; completes when the run ends; never errors. */
  readonly news$: Observable<StepNews> = this.#news.asObservable();

  /** Throws `limit-exceeded` when the board has fewer cells than the model has weights. */
  constructor(parts: TrainingParts) {
    const { board, runFile, experiment, device, task } = parts;
    const weights = task.features.length + 1;
    if (weights > cellCount(board.identity)) {
      throw new FnloopError(
        'limit-exceeded',
        `Task ${task.name} has ${weights} weights, but board ${board.identity.boardId} has ${cellCount(board.identity)} cells. Nothing was sent.`,
      );
    }
    this.#parts = parts;
    this.#cells = Array.from({ length: weights }, (_, index) => index);
    this.#converters = convertersOf(board.identity);
    this.#ledger = new Ledger(device, this.#converters);
    this.#model = nominalCellModel(device, this.#converters, this.#sign);
    this.#policy = createPolicy(experiment.policy);
    this.#witness = new CellWitness(board, device, this.#waves);
    this.#runner = new Runner({
      board,
      journal: runFile,
      witness: this.#witness,
      budget: this.#budget(),
      gapUs: 0,
    });
  }

  /** Trains to the last step, or to the abort signal; says which. The board is left armed: its owner closes it. */
  async run(): Promise<'finished' | 'interrupted'> {
    try {
      await this.#prepare();
      if (this.#parts.signal.aborted) return 'interrupted';
      await (this.#waves.size > 0 ? this.#bringUp() : this.#assumeSign());
      return await this.#train();
    } finally {
      this.#news.complete();
    }
  }

  async #prepare(): Promise<void> {
    const { board, runFile } = this.#parts;
    await board.claim();
    for (const wave of await board.define(this.#policy.waves)) this.#waves.set(wave.wave, wave);
    await runFile.waves([...this.#waves.values()]);
    this.#reading = await this.#read();
    if (this.#waves.size > 0) await board.arm();
  }

  #budget(): Budget | undefined {
    const { board, experiment, past } = this.#parts;
    if (experiment.budget === undefined) return undefined;
    return new Budget({
      boardId: board.identity.boardId,
      limits: experiment.budget,
      past,
      waveOf: (wave) => board.wave(wave),
      predictedChargeFC: ({ cell, kind, wave }) =>
        this.#ledger.predictedChargeFC(board.wave(wave), this.#witness.memory.codeOf(cell, kind) ?? 0),
    });
  }

  async #assumeSign(): Promise<void> {
    await this.#parts.runFile.event(0, 'sign-assumed', {
      sign: this.#sign,
      reason: 'the policy sends no pulses',
    });
    await this.#record(0, 0, [], 0);
  }

  /**
   * One SET pulse on each cell, the longest there is, tells the sign of the weight. Its energy does not
   * depend on its length, and its cost is accounted like any other.
   */
  async #bringUp(): Promise<void> {
    const { device, runFile } = this.#parts;
    const before = this.#reading;
    const longest = this.#policy.waves.at(-1)?.wave ?? 0;
    const executed = await this.#runner.execute(
      this.#cells.map((cell) => ({
        update: this.#nextUpdate(),
        cell,
        kind: 'SET' as const,
        waves: [longest],
      })),
      0,
    );
    const after = await this.#read();
    const elapsedS = elapsedBetween(before, after, 0);
    const differenceSigmaV = Math.SQRT2 * readSigmaV(device, this.#converters);
    const found = findWeightSign(
      before.cells.map((reading, index) => {
        const nodes = this.#model.nodesOf(reading);
        const later = this.#model.nodesOf(after.cells[index] ?? reading);
        return {
          cell: reading.cell,
          before: nodes,
          after: later,
          driftV: this.#model.driftV(nodes, elapsedS),
        };
      }),
      differenceSigmaV,
    );
    this.#sign = found.sign;
    this.#model = nominalCellModel(device, this.#converters, found.sign);
    await runFile.note({ weightSign: found.sign });
    await runFile.event(0, 'bring-up', found);
    const rows = this.#account(executed, before, after, { step: 0, purpose: 'bring-up', changes: new Map() });
    this.#reading = after;
    await this.#record(0, 0, rows, 0);
  }

  async #train(): Promise<'finished' | 'interrupted'> {
    const { experiment, task, signal } = this.#parts;
    const { steps, batchSize = task.train.labels.length } = experiment.method;
    const order = minibatches(
      task.train.labels.length,
      batchSize,
      seededRandom(experiment.seed, 'data-order'),
    );
    const fresh = this.#responseVPerS(this.#reading.cells);
    let elapsedS = (this.#policy.waves[0]?.widthUs ?? 0) / US_PER_S;

    for (let step = 1; step <= steps; step += 1) {
      if (signal.aborted) return 'interrupted';
      const { epoch, indices } = order.next().value;
      const changes = this.#wanted(gradient(task.train, indices, this.#weights()), fresh, elapsedS);
      const { updates, clipped } = this.#policy.propose(changes);
      const executed = await this.#runner.execute(
        updates.map((update) => ({ ...update, update: this.#nextUpdate() })),
        step,
        signal,
      );
      const before = this.#reading;
      const after = await this.#read();
      const byCell = new Map(changes.map((change) => [change.cell, change]));
      const rows = this.#account(executed, before, after, { step, purpose: 'train', changes: byCell });
      this.#reading = after;
      elapsedS = elapsedBetween(before, after, elapsedS);
      await this.#record(step, epoch, rows, clipped);
    }
    return 'finished';
  }

  #wanted(gradients: Float64Array, freshResponseVPerS: number, elapsedS: number): WantedChange[] {
    const { learningRate } = this.#parts.experiment.method;
    const { weightPerVolt } = this.#parts.experiment.model;
    return this.#reading.cells.map((reading, index) => ({
      cell: reading.cell,
      wantedV: (-learningRate * (gradients[index] ?? 0)) / weightPerVolt,
      driftV: this.#model.driftV(this.#model.nodesOf(reading), elapsedS),
      freshResponseVPerS,
      responseVPerS: this.#responseVPerS([reading]),
    }));
  }

  /** Mean response of cells to the policy's shortest pulse, V/s; 0 for a policy without pulses. */
  #responseVPerS(readings: readonly CellReading[]): number {
    const [wave] = this.#policy.waves;
    if (wave === undefined) return 0;
    const { amplitudeV, widthUs } = wave;
    const responses = readings.map((reading) =>
      this.#model.responseVPerS(this.#model.nodesOf(reading), amplitudeV, widthUs / US_PER_S),
    );
    return responses.reduce((sum, response) => sum + response, 0) / responses.length;
  }

  /** Model weights that the chip holds, from the last reading. */
  #weights(): Weights {
    const { weightPerVolt } = this.#parts.experiment.model;
    return Float64Array.from(this.#reading.cells, (reading) => weightPerVolt * this.#weightV(reading));
  }

  #weightV(reading: CellReading): number {
    return weightV(this.#model.nodesOf(reading), this.#sign);
  }

  async #read(): Promise<ArrayReading> {
    const { board, device } = this.#parts;
    const reading = await board.read(this.#cells);
    this.#witness.memory.noteReading(reading);
    const { min, max } = device.validNodeV;
    for (const cell of reading.cells) {
      const { setNodeV, resetNodeV } = this.#model.nodesOf(cell);
      const isClipped =
        this.#converters.isClipped(cell.setCode) || this.#converters.isClipped(cell.resetCode);
      if (!isClipped && Math.min(setNodeV, resetNodeV) >= min && Math.max(setNodeV, resetNodeV) <= max)
        continue;
      throw new FnloopError(
        'chip-unfit',
        `Cell ${cell.cell} of board ${board.identity.boardId} reads ${setNodeV.toFixed(4)} V on S and ${resetNodeV.toFixed(4)} V on R` +
          `${isClipped ? ', at the end of the converter' : ''}; device ${device.name} is valid from ${min} to ${max} V.`,
      );
    }
    return reading;
  }

  #account(
    executed: readonly ExecutedUpdate[],
    before: ArrayReading,
    after: ArrayReading,
    {
      step,
      purpose,
      changes,
    }: Pick<UpdateContext, 'step' | 'purpose'> & { readonly changes: ReadonlyMap<number, WantedChange> },
  ): Row<'updates'>[] {
    const { experiment } = this.#parts;
    const readingsBefore = new Map(before.cells.map((reading) => [reading.cell, reading]));
    const readingsAfter = new Map(after.cells.map((reading) => [reading.cell, reading]));
    const weightOf = (reading: CellReading | undefined) =>
      reading === undefined ? null : this.#weightV(reading);
    const accounting = { ledger: this.#ledger, waves: this.#waves, settings: experiment.accounting };
    return executed.map((update) => {
      const nthOfCell = (this.#updatesOfCell.get(update.cell) ?? 0) + 1;
      this.#updatesOfCell.set(update.cell, nthOfCell);
      const change = changes.get(update.cell);
      const readingBefore = readingsBefore.get(update.cell);
      const context = {
        step,
        purpose,
        nthOfCell,
        wantedV: change?.wantedV ?? null,
        driftV: change?.driftV ?? null,
        weightBeforeV: weightOf(readingBefore),
        weightAfterV: weightOf(readingsAfter.get(update.cell)),
        presumedCode: (update.kind === 'SET' ? readingBefore?.setCode : readingBefore?.resetCode) ?? 0,
      };
      return updateRow(update, context, accounting);
    });
  }

  async #record(
    step: number,
    epoch: number,
    updates: readonly Row<'updates'>[],
    clipped: number,
  ): Promise<void> {
    const { board, runFile, task, clock } = this.#parts;
    const { boardTimeUs, cells } = this.#reading;
    const weights = this.#weights();
    const train = evaluate(task.train, weights);
    const row: Row<'steps'> = {
      step,
      epoch,
      train_accuracy: train.accuracy,
      test_accuracy: evaluate(task.test, weights).accuracy,
      train_loss: train.loss,
      updates: updates.length,
      pulses: updates.reduce((sum, { pulses }) => sum + pulses, 0),
      clipped,
      common_mode_v:
        cells.reduce((sum, reading) => sum + commonModeV(this.#model.nodesOf(reading)), 0) / cells.length,
      board_time_us: boardTimeUs,
      wall_ns: clock.wallNs(),
    };
    await runFile.record({ step: row, reading: this.#reading, updates, link: board.statistics });
    this.#news.next({ step: row, updates });
  }

  #nextUpdate(): number {
    this.#updates += 1;
    return this.#updates;
  }
}

/** Board time between two readings, s; `otherwiseS` where the board has restarted its clock in between. */
function elapsedBetween(before: ArrayReading, after: ArrayReading, otherwiseS: number): number {
  const elapsedS = (after.boardTimeUs - before.boardTimeUs) / US_PER_S;
  return elapsedS >= 0 ? elapsedS : otherwiseS;
}
