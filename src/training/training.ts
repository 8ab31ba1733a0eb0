import { type Observable, Subject } from 'rxjs';
import type { WeightSign } from '../../calibration/physics/cell.ts';
import type { Board } from '../board/board.ts';
import { type Converters, convertersOf } from '../board/converters.ts';
import type { ArrayReading, DefinedWave } from '../board/types.ts';
import { type ChipModel, pulsedNode } from '../chip/chip-model.ts';
import { assertSignOf, findWeightSign, USUAL_SIGN } from '../chip/weight-sign.ts';
import type { Experiment } from '../config/experiment.ts';
import type { Clock } from '../core/clock.ts';
import { FnloopError } from '../core/errors.ts';
import { Ledger } from '../ledger/account.ts';
import { UpdateBounds } from '../ledger/bounds.ts';
import type { Overhead } from '../ledger/overhead.ts';
import { Budget } from '../scheduling/budget.ts';
import type { NodeUsage } from '../scheduling/node-usage.ts';
import { GAP_US } from '../scheduling/plan.ts';
import { Runner } from '../scheduling/runner.ts';
import { CellWitness } from '../settling/cell-witness.ts';
import type { RunFile } from '../store/run-file.ts';
import type { NewRow } from '../store/tables.ts';
import { bringUpUpdates } from './bring-up.ts';
import { type CellModel, cellModel, weightSigmaV } from './cell-model.ts';
import { elapsedBetween, type GradientParts, GradientSteps } from './gradient-steps.ts';
import { createPolicy } from './policies/index.ts';
import type { Policy, Proposal } from './policy.ts';
import { assertReadable } from './readable.ts';
import { ofCells, type ResumePoint } from './resume-point.ts';
import { type StepParts, stepRow } from './step-row.ts';
import { StepUpdates, UpdateNumbers } from './step-updates.ts';
import type { Task } from './task.ts';
import { UpdateAccounts } from './update-accounts.ts';

export interface TrainingParts {
  readonly board: Board;
  readonly runFile: RunFile;
  readonly experiment: Experiment;
  /** What is believed of the chip, for prediction. */
  readonly chip: ChipModel;
  readonly task: Task;
  /** Weight k lives in cell `cells[k]`. */
  readonly cells: readonly number[];
  /** What the board's nodes have received before, for the experiment's budget. */
  readonly past: NodeUsage;
  /** Where the run goes on; absent for one that begins. */
  readonly from?: ResumePoint | undefined;
  readonly clock: Clock;
  /** Ends the run before its first pulse, or after the batch in flight. */
  readonly signal: AbortSignal;
}

/** A finished step, whose reading is the last one. */
interface RecordedStep extends Pick<StepParts, 'step' | 'epoch' | 'clipped'> {
  readonly overhead: Overhead;
}

/** News of one finished step. */
export interface StepNews {
  readonly step: NewRow<'steps'>;
  readonly updates: readonly NewRow<'updates'>[];
}

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
  readonly #waves = new Map<number, DefinedWave>();
  readonly #accounts: UpdateAccounts;
  readonly #numbers: UpdateNumbers;
  readonly #news = new Subject<StepNews>();
  #sign: WeightSign;
  #model: CellModel;
  #reading: ArrayReading = { bootNonce: 0, boardTimeUs: 0, temperatureK: undefined, cells: [] };
  /** From the reading before the first step on. */
  #gradientSteps: GradientSteps | undefined;

  /** Each step once it is on disk. Hot; completes when the run ends; never errors. */
  readonly news$: Observable<StepNews> = this.#news.asObservable();

  constructor(parts: TrainingParts) {
    const { board, runFile, experiment, chip, from } = parts;
    this.#parts = parts;
    this.#converters = convertersOf(board.identity);
    this.#ledger = new Ledger(chip, this.#converters);
    this.#sign = from?.sign ?? chip.weightSign ?? USUAL_SIGN;
    this.#numbers = new UpdateNumbers(from?.record.lastUpdate);
    this.#model = cellModel(chip, this.#converters, this.#sign);
    this.#accounts = new UpdateAccounts(
      { ledger: this.#ledger, waves: this.#waves, bounds: new UpdateBounds(experiment.accounting) },
      from?.record.updatesOfCell,
    );
    this.#policy = createPolicy(experiment.policy, {
      board: board.identity,
      weightSigmaV: weightSigmaV(chip.device, this.#converters),
      state: from?.state.policy,
    });
    this.#witness = new CellWitness(board, chip, this.#waves);
    this.#runner = new Runner({
      board,
      journal: runFile,
      witness: this.#witness,
      budget: this.#budget(),
      gapUs: GAP_US,
      intents: from?.record.lastIntent,
      leadMs: experiment.timing?.leadMs,
    });
  }

  /** Trains to the last step, or to the abort signal; says which. The board is left armed: its owner closes it. */
  async run(): Promise<'finished' | 'interrupted'> {
    try {
      const { from, signal } = this.#parts;
      await this.#prepare();
      if (from !== undefined) return await this.#train(from.record.lastStep + 1);
      if (signal.aborted) return 'interrupted';
      await (this.#waves.size > 0 ? this.#bringUp() : this.#assumeSign());
      return await this.#train(1);
    } finally {
      this.#news.complete();
    }
  }

  async #prepare(): Promise<void> {
    const { board, runFile, from } = this.#parts;
    await board.claim();
    for (const wave of await board.define(this.#policy.waves)) this.#waves.set(wave.wave, wave);
    if (from === undefined) {
      await runFile.waves([...this.#waves.values()]);
      this.#reading = await this.#read();
    } else {
      this.#witness.memory.noteReading(from.reading);
      this.#reading = this.#readable(ofCells(from.reading, this.#parts.cells));
      this.#gradientSteps = new GradientSteps(this.#gradientParts(), from.record.start, {
        state: from.state,
        reading: this.#reading,
      });
    }
    if (this.#waves.size > 0) await board.arm();
  }

  #gradientParts(): GradientParts {
    const { experiment, task } = this.#parts;
    return { experiment, task, policy: this.#policy, model: this.#model };
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
        this.#ledger.predictedChargeFC(board.wave(wave), this.#witness.memory.codeOf(cell, kind) ?? 0, {
          node: pulsedNode(cell, kind, this.#sign),
          temperatureK: this.#reading.temperatureK,
        }),
    });
  }

  async #assumeSign(): Promise<void> {
    await this.#parts.runFile.event(0, 'sign-assumed', {
      sign: this.#sign,
      reason: `the policy sends no pulses, and ${this.#parts.chip.weightSign === undefined ? 'the chip is not calibrated' : 'the calibration says so'}`,
    });
    this.#gradientSteps = new GradientSteps(this.#gradientParts(), this.#reading);
    const overhead = this.#overhead(this.#reading, new StepUpdates());
    await this.#record({ step: 0, epoch: 0, clipped: 0, overhead }, []);
  }

  /** Finds the sign of the weight; its cost is accounted like any other. */
  async #bringUp(): Promise<void> {
    const { board, chip, cells, runFile } = this.#parts;
    const before = this.#reading;
    const executed = await this.#runner.execute(this.#numbers.number(bringUpUpdates(cells, this.#policy)), 0);
    const after = await this.#read();
    const elapsedS = elapsedBetween(before, after, 0);
    const found = findWeightSign(
      before.cells.map((reading, index) => {
        const nodes = this.#model.nodesOf(reading);
        const later = this.#model.nodesOf(after.cells[index] ?? reading);
        return {
          cell: reading.cell,
          before: nodes,
          after: later,
          driftV: this.#sign * this.#model.driftV(reading, elapsedS, before.temperatureK),
        };
      }),
      weightSigmaV(chip.device, this.#converters),
    );
    assertSignOf(chip, found, board.identity.boardId);
    this.#sign = found.sign;
    this.#model = cellModel(chip, this.#converters, found.sign);
    await runFile.note({ weightSign: found.sign });
    await runFile.event(0, 'bring-up', found);
    const done = new StepUpdates();
    done.add(executed, before, after);
    this.#reading = after;
    this.#gradientSteps = new GradientSteps(this.#gradientParts(), after);
    const overhead = this.#overhead(before, done);
    const rows = this.#accounts.rows(done.all, {
      step: 0,
      purpose: 'bring-up',
      model: this.#model,
      sign: found.sign,
      // The file has no reading before step 0, and is to be recomputed from.
      temperatureK: after.temperatureK,
      overhead,
      changes: [],
    });
    await this.#record({ step: 0, epoch: 0, clipped: 0, overhead }, rows);
  }

  async #train(firstStep: number): Promise<'finished' | 'interrupted'> {
    const { experiment, signal } = this.#parts;
    const gradientSteps = this.#gradientSteps;
    if (gradientSteps === undefined) throw new FnloopError('invariant', 'Training without a first reading.');

    for (let step = firstStep; step <= experiment.method.steps; step += 1) {
      if (signal.aborted) return 'interrupted';
      const before = this.#reading;
      const { epoch, changes, ...first } = gradientSteps.next(before);
      const { done, clipped } = await this.#rounds(step, first, (reading) => gradientSteps.correct(reading));
      const overhead = this.#overhead(before, done);
      const rows = this.#accounts.rows(done.all, {
        step,
        purpose: 'train',
        model: this.#model,
        sign: this.#sign,
        temperatureK: before.temperatureK,
        overhead,
        changes,
      });
      await this.#record({ step, epoch, clipped, overhead }, rows);
    }
    return 'finished';
  }

  /** The rounds of one step: what is proposed, then what is left to do after each reading, until nothing is. */
  async #rounds(
    step: number,
    first: Proposal,
    correct: (reading: ArrayReading) => Proposal,
  ): Promise<{ readonly done: StepUpdates; readonly clipped: number }> {
    const { runFile, signal } = this.#parts;
    this.#numbers.beginStep();
    const done = new StepUpdates();
    let { clipped } = first;
    let proposal = first;
    for (;;) {
      const before = this.#reading;
      const { executed, following: after } = await this.#runner.executeThen(
        this.#numbers.number(proposal.updates),
        step,
        () => this.#read(),
        signal,
      );
      done.add(executed, before, after);
      this.#reading = after;
      if (signal.aborted) {
        const isDone = new Set(executed.map(({ cell }) => cell));
        this.#policy.withdraw?.(proposal.updates.flatMap(({ cell }) => (isDone.has(cell) ? [] : [cell])));
        return { done, clipped };
      }
      proposal = correct(after);
      clipped += proposal.clipped;
      if (proposal.updates.length === 0) return { done, clipped };
      await runFile.reading(step, after);
    }
  }

  async #read(): Promise<ArrayReading> {
    const { board, cells } = this.#parts;
    const reading = await board.read(cells);
    this.#witness.memory.noteReading(reading);
    return this.#readable(reading);
  }

  #readable(reading: ArrayReading): ArrayReading {
    const { board, chip } = this.#parts;
    const { boardId } = board.identity;
    assertReadable(reading, {
      boardId,
      device: chip.device,
      converters: this.#converters,
      model: this.#model,
    });
    return reading;
  }

  /** What the readings and pulses of a step took besides, from the reading before it to the last one. */
  #overhead(before: ArrayReading, done: StepUpdates): Overhead {
    return this.#ledger.overhead(before, this.#reading, done);
  }

  async #record(
    { step, epoch, clipped, overhead }: RecordedStep,
    updates: readonly NewRow<'updates'>[],
  ): Promise<void> {
    const { board, runFile, task, clock, experiment } = this.#parts;
    const row = stepRow(
      { step, epoch, clipped, overhead, updates: updates.length, pulses: pulsesOf(updates) },
      this.#reading,
      { task, model: this.#model, weightPerVolt: experiment.model.weightPerVolt, wallNs: clock.wallNs() },
    );
    const reading = this.#reading;
    const hostState = this.#gradientSteps?.stateAt(reading);
    await runFile.record({ step: row, reading, updates, link: board.statistics, hostState });
    this.#news.next({ step: row, updates });
  }
}

const pulsesOf = (updates: readonly NewRow<'updates'>[]): number =>
  updates.reduce((sum, { pulses }) => sum + pulses, 0);
