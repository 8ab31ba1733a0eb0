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
import { elapsedBetween, GradientSteps } from './gradient-steps.ts';
import type { Hold } from './holding.ts';
import { OutsideSteps, type Wishes } from './outside-steps.ts';
import { createPolicy } from './policies/index.ts';
import type { HeldWeight, Policy, Proposal } from './policy.ts';
import { assertReadable } from './readable.ts';
import { armed, released } from './released.ts';
import { ofCells, type ResumePoint } from './resume-point.ts';
import { type StepParts, stepRow } from './step-row.ts';
import type { StepSource } from './step-source.ts';
import { StepUpdates, UpdateNumbers } from './step-updates.ts';
import type { Task } from './task.ts';
import { UpdateAccounts } from './update-accounts.ts';

export interface TrainingParts {
  readonly board: Board;
  readonly runFile: RunFile;
  readonly experiment: Pick<Experiment, 'policy' | 'accounting' | 'budget' | 'timing'>;
  /** What is believed of the chip, for prediction. */
  readonly chip: ChipModel;
  readonly lesson: Lesson;
  /** Weight k lives in cell `cells[k]`. */
  readonly cells: readonly number[];
  /** What the board's nodes have received before, for the experiment's budget. */
  readonly past: NodeUsage;
  /** Where the run goes on; absent for one that begins. */
  readonly from?: ResumePoint | undefined;
  readonly clock: Clock;
  /** Ends the run before its first pulse, or after the batch in flight. */
  readonly signal: AbortSignal;
  /** Lets the run rest between steps; absent where nobody holds it. */
  readonly hold?: Hold | undefined;
}

/** Where the steps come from: the gradient of a task, or a trainer outside that judges the weights itself. */
export type Lesson =
  | { readonly kind: 'task'; readonly experiment: Experiment; readonly task: Task }
  | { readonly kind: 'outside'; readonly wishes: Wishes };

/** A finished step, whose reading is the last one. */
interface RecordedStep extends Pick<StepParts, 'step' | 'epoch' | 'clipped'> {
  readonly overhead: Overhead;
}

/** News of one finished step. */
export interface StepNews {
  readonly step: NewRow<'steps'>;
  readonly updates: readonly NewRow<'updates'>[];
  /** What the cells hold after it. */
  readonly weights: readonly HeldWeight[];
  readonly temperatureK: number | undefined;
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
  #stepEnd: { readonly of: AbortSignal; readonly signal: AbortSignal } | undefined;
  #sign: WeightSign;
  #model: CellModel;
  #reading: ArrayReading = { bootNonce: 0, boardTimeUs: 0, temperatureK: undefined, cells: [] };
  /** From the reading before the first step on. */
  #source: StepSource | undefined;

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
      await this.#restWhileHeld(0);
      if (signal.aborted) return 'interrupted';
      await (this.#waves.size > 0 ? this.#bringUp() : this.#assumeSign());
      return await this.#train(1);
    } finally {
      this.#news.complete();
    }
  }

  async #prepare(): Promise<void> {
    const { board, runFile, from, hold, signal } = this.#parts;
    await board.claim();
    for (const wave of await board.define(this.#policy.waves)) this.#waves.set(wave.wave, wave);
    if (from === undefined) {
      await runFile.waves([...this.#waves.values()]);
      this.#reading = await this.#read();
    } else {
      this.#witness.memory.noteReading(from.reading);
      this.#reading = this.#readable(ofCells(from.reading, this.#parts.cells));
      this.#source = this.#sourceFrom(from.record.start, { state: from.state, reading: this.#reading });
    }
    if (this.#waves.size > 0) await armed(board, hold, signal);
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
    this.#source = this.#sourceFrom(this.#reading);
    const overhead = this.#overhead(this.#reading, new StepUpdates());
    await this.#record({ step: 0, epoch: 0, clipped: 0, overhead }, []);
  }

  /** Finds the sign of the weight; its cost is accounted like any other. */
  async #bringUp(): Promise<void> {
    const { board, chip, runFile } = this.#parts;
    const first = this.#reading;
    const { before, after, done } = await this.#signPulses();
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
    this.#source = this.#sourceFrom(after);
    const overhead = this.#overhead(first, done);
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

  /** One pulse on each cell, all of them anew where SAFE came between: the readings around the last round, and what all did. */
  async #signPulses() {
    const { cells, hold, signal } = this.#parts;
    const done = new StepUpdates();
    for (;;) {
      const before = this.#reading;
      const cut = hold?.cut;
      const updates = this.#numbers.number(bringUpUpdates(cells, this.#policy));
      const executed = await this.#runner.execute(updates, 0, cut);
      const after = await this.#read();
      done.add(executed, before, after);
      this.#reading = after;
      if (cut?.aborted !== true) return { before, after, done };
      await this.#restWhileHeld(0);
      if (signal.aborted)
        throw new FnloopError('brought-to-rest', 'The run ended before the sign of its weights was found.');
    }
  }

  async #train(firstStep: number): Promise<'finished' | 'interrupted'> {
    const { lesson, signal } = this.#parts;
    const steps = lesson.kind === 'task' ? lesson.experiment.method.steps : Number.POSITIVE_INFINITY;
    const source = this.#source;
    if (source === undefined) throw new FnloopError('invariant', 'Training without a first reading.');

    let isWhole = true;
    for (let step = firstStep; step <= steps; step += 1) {
      await this.#restWhileHeld(step - 1, source);
      if (signal.aborted) return 'interrupted';
      const before = this.#reading;
      const wanted = await source.next(before);
      if (wanted === undefined) return signal.aborted ? 'interrupted' : 'finished';
      const { epoch, changes, ...first } = wanted;
      const rounds = await this.#rounds(step, first, (reading) => source.correct(reading));
      const { done, clipped } = rounds;
      ({ isWhole } = rounds);
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
    return isWhole || !signal.aborted ? 'finished' : 'interrupted';
  }

  /** Says what each step is to do, from the first reading on. */
  #sourceFrom(start: ArrayReading, from?: ConstructorParameters<typeof GradientSteps>[2]): StepSource {
    const { lesson } = this.#parts;
    const parts = { policy: this.#policy, model: this.#model };
    return lesson.kind === 'task'
      ? new GradientSteps({ ...parts, experiment: lesson.experiment, task: lesson.task }, start, from)
      : new OutsideSteps({ ...parts, wishes: lesson.wishes }, start);
  }

  /** Ends a step early: the run is to end, or to rest. Made anew only where the hold's is, since long-lived signals remember theirs. */
  #stepSignal(): AbortSignal {
    const { hold, signal } = this.#parts;
    if (hold === undefined) return signal;
    if (this.#stepEnd?.of !== hold.signal)
      this.#stepEnd = { of: hold.signal, signal: AbortSignal.any([signal, hold.signal]) };
    return this.#stepEnd.signal;
  }

  /** Where somebody holds the run, outputs are at rest until it may go on; then the weights are what the cells hold by then. */
  async #restWhileHeld(step: number, source?: StepSource): Promise<void> {
    const { board, runFile, hold, signal } = this.#parts;
    if (hold?.reason === undefined || signal.aborted) return;
    await runFile.event(step, 'paused', { reason: hold.reason });
    await board.claim();
    if (!(await released(board, hold, signal))) return;
    const before = new Map(this.#reading.cells.map((cell) => [cell.cell, this.#model.weightV(cell)]));
    this.#reading = await this.#read();
    // Goals of a policy move along with what their cells did meanwhile, or it would spend pulses on undoing that.
    this.#policy.follow?.(
      this.#reading.cells.map((cell) => ({
        cell: cell.cell,
        byV: this.#model.weightV(cell) - (before.get(cell.cell) ?? this.#model.weightV(cell)),
      })),
    );
    source?.rested(this.#reading);
    await runFile.goOn({ step, reading: this.#reading, hostState: source?.stateAt?.(this.#reading) });
  }

  /** The rounds of one step: what is proposed, then what is left to do after each reading, until nothing is. */
  async #rounds(
    step: number,
    first: Proposal,
    correct: (reading: ArrayReading) => Proposal,
  ): Promise<{ readonly done: StepUpdates; readonly clipped: number; readonly isWhole: boolean }> {
    const { runFile } = this.#parts;
    const signal = this.#stepSignal();
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
        return { done, clipped, isWhole: executed.length === proposal.updates.length };
      }
      proposal = correct(after);
      clipped += proposal.clipped;
      if (proposal.updates.length === 0) return { done, clipped, isWhole: true };
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
    const { board, runFile, lesson, clock } = this.#parts;
    const reading = this.#reading;
    const row = stepRow(
      { step, epoch, clipped, overhead, updates: updates.length, pulses: pulsesOf(updates) },
      reading,
      { judge: judgeOf(lesson), model: this.#model, wallNs: clock.wallNs() },
    );
    const hostState = this.#source?.stateAt?.(reading);
    await runFile.record({ step: row, reading, updates, link: board.statistics, hostState });
    const weights = reading.cells.map((cell) => ({ cell: cell.cell, weightV: this.#model.weightV(cell) }));
    this.#news.next({ step: row, updates, weights, temperatureK: reading.temperatureK });
  }
}

const judgeOf = (lesson: Lesson) =>
  lesson.kind === 'outside'
    ? null
    : { task: lesson.task, weightPerVolt: lesson.experiment.model.weightPerVolt };

const pulsesOf = (updates: readonly NewRow<'updates'>[]): number =>
  updates.reduce((sum, { pulses }) => sum + pulses, 0);
