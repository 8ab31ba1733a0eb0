import type { Action } from '../../calibration/design/measurement-plan.ts';
import type { Device } from '../../calibration/devices.ts';
import type { WeightSign } from '../../calibration/physics/cell.ts';
import { tunnelingDropV } from '../../calibration/physics/tunneling.ts';
import type { PulseKind } from '../../firmware-protocol/slots.ts';
import type { Board } from '../board/board.ts';
import { type Converters, convertersOf } from '../board/converters.ts';
import { nodeNumber } from '../board/nodes.ts';
import type { ArrayReading, CellReading, DefinedWave, Wave } from '../board/types.ts';
import { nominalChip } from '../chip/chip-model.ts';
import { type SignEvidence, signOfMost } from '../chip/weight-sign.ts';
import type { CalibrateSettings } from '../config/calibrate.ts';
import type { Clock } from '../core/clock.ts';
import { FnloopError } from '../core/errors.ts';
import { Ledger, readSigmaV } from '../ledger/account.ts';
import { UpdateBounds } from '../ledger/bounds.ts';
import { Budget } from '../scheduling/budget.ts';
import type { NodeUsage } from '../scheduling/node-usage.ts';
import { GAP_US, type PlannedUpdate } from '../scheduling/plan.ts';
import { type ExecutedUpdate, Runner } from '../scheduling/runner.ts';
import { CellWitness } from '../settling/cell-witness.ts';
import type { RunFile } from '../store/run-file.ts';
import { UntrainedRows } from '../store/untrained-rows.ts';
import { shapeOf } from './calibration-plan.ts';
import { type PulseGroup, pulseGroups } from './pulse-groups.ts';

/** What is to be done to a board. */
export interface MeasurementSteps {
  /** Action n is step n + 1 of the run; step 0 is what comes before. */
  readonly actions: readonly Action[];
  readonly waves: readonly Wave[];
  /** The wave of the one SET pulse on each cell that tells the sign of the weight. */
  readonly signWave: number;
  /** Nodes that are pulsed; all are read. */
  readonly nodes: readonly number[];
}

/** What earlier runs of the same measurement have done already. */
export interface Progress {
  readonly actionsDone: number;
  readonly sign: WeightSign | undefined;
  /** Pulses of the action after those done: cells by kind. */
  readonly pulsed: Readonly<Record<PulseKind, ReadonlySet<number>>>;
}

export const nothingDone: Progress = {
  actionsDone: 0,
  sign: undefined,
  pulsed: { SET: new Set(), RESET: new Set() },
};

/** News of an action that is on disk. */
export interface ActionNews {
  readonly action: Action;
  /** Of the plan, from 1. */
  readonly step: number;
  readonly boardTimeUs: number;
}

export interface MeasurementParts {
  readonly board: Board;
  readonly runFile: RunFile;
  readonly device: Device;
  readonly steps: MeasurementSteps;
  /** The array before the first action. */
  readonly readings: readonly ArrayReading[];
  readonly settings: Pick<CalibrateSettings, 'accounting' | 'budget'>;
  readonly past: NodeUsage;
  readonly progress: Progress;
  readonly clock: Clock;
  /** Ends it after the batch, or the wait, under way. */
  readonly signal: AbortSignal;
  readonly onAction: (news: ActionNews) => void;
  /** Waits on this host; resolves early when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

const US_PER_S = 1e6;
const MS_PER_S = 1e3;

/** Does to a board what a plan says, action by action, and reads the whole array after each. */
export class Measurement {
  readonly #parts: MeasurementParts;
  readonly #converters: Converters;
  readonly #witness: CellWitness;
  readonly #runner: Runner;
  readonly #rows: UntrainedRows;
  readonly #waves = new Map<number, DefinedWave>();
  readonly #nodes: ReadonlySet<number>;
  #reading: ArrayReading;
  #updates = 0;

  constructor(parts: MeasurementParts) {
    const { board, runFile, device, settings, past, steps, readings } = parts;
    const converters = convertersOf(board.identity);
    const ledger = new Ledger(nominalChip(device), converters);
    const witness = new CellWitness(board, nominalChip(device), this.#waves);
    this.#parts = parts;
    this.#converters = converters;
    this.#witness = witness;
    this.#nodes = new Set(steps.nodes);
    this.#rows = new UntrainedRows({
      accounting: { ledger, waves: this.#waves, bounds: new UpdateBounds(settings.accounting) },
      converters,
      purpose: 'calibrate',
    });
    const budget =
      settings.budget === undefined
        ? undefined
        : new Budget({
            boardId: board.identity.boardId,
            limits: settings.budget,
            past,
            waveOf: (wave) => board.wave(wave),
            predictedChargeFC: ({ cell, kind, wave }) =>
              ledger.predictedChargeFC(board.wave(wave), witness.memory.codeOf(cell, kind) ?? 0, {
                node: nodeNumber(cell, kind),
                temperatureK: this.#reading.temperatureK,
              }),
          });
    this.#runner = new Runner({ board, journal: runFile, witness, budget, gapUs: GAP_US });
    const last = readings.at(-1);
    if (last === undefined) throw new FnloopError('invariant', 'A measurement begins with a reading.');
    this.#reading = last;
  }

  /** Works to the last action, or to the abort signal; says which. The board is left disarmed but for its owner to close it. */
  async run(): Promise<'finished' | 'interrupted'> {
    const { board, runFile, steps, readings, progress, signal, onAction } = this.#parts;
    await board.claim();
    for (const wave of await board.define(steps.waves)) this.#waves.set(wave.wave, wave);
    await runFile.waves([...this.#waves.values()]);
    for (const reading of readings) await runFile.reading(progress.actionsDone, reading);
    this.#witness.memory.noteReading(this.#reading);
    if (signal.aborted) return 'interrupted';
    if (progress.sign !== undefined) await runFile.note({ weightSign: progress.sign });
    const sign = progress.sign ?? (await this.#findSign());
    if (sign === undefined) return 'interrupted';
    for (const [index, action] of steps.actions.entries()) {
      const step = index + 1;
      if (index < progress.actionsDone) continue;
      if (signal.aborted) return 'interrupted';
      const isWhole = await this.#act(action, step, sign);
      if (!isWhole) return 'interrupted';
      onAction({ action, step, boardTimeUs: this.#reading.boardTimeUs });
    }
    return 'finished';
  }

  /** False where the signal cut the action short: then what was done is on disk, but not as a step. */
  async #act(action: Action, step: number, sign: WeightSign): Promise<boolean> {
    switch (action.kind) {
      case 'rest':
        await this.#rest(action.durationS, step);
        return this.#finish(step, [], !this.#parts.signal.aborted);
      case 'read':
        for (let repeat = 1; repeat < action.repeats && !this.#parts.signal.aborted; repeat += 1)
          await this.#parts.runFile.reading(step, await this.#read());
        return this.#finish(step, [], !this.#parts.signal.aborted);
      case 'pulse': {
        const groups = this.#left(pulseGroups(this.#nodes, sign, this.#parts.board.identity), step);
        const executed = await this.#pulse(groups, this.#waveOf(action), step);
        const wanted = groups.reduce((sum, { cells }) => sum + cells.length, 0);
        return this.#finish(step, executed, executed.length === wanted);
      }
    }
  }

  /** Nothing happens to the cells: a board in real time is left alone, disarmed; on virtual time nothing passes by itself. */
  async #rest(durationS: number, step: number): Promise<void> {
    const { board, signal, wait } = this.#parts;
    if (board.identity.clock === 'real') {
      await wait(durationS * MS_PER_S, signal);
      return;
    }
    await board.arm();
    await this.#runner.rest(Math.round(durationS * US_PER_S), step, signal);
    await board.disarm();
  }

  /** Group after group, armed meanwhile. */
  async #pulse(groups: readonly PulseGroup[], wave: number, step: number): Promise<ExecutedUpdate[]> {
    const { board, signal } = this.#parts;
    const executed: ExecutedUpdate[] = [];
    await board.arm();
    for (const { cells, kind } of groups) {
      if (signal.aborted) break;
      const updates = cells.map((cell): PlannedUpdate => {
        this.#updates += 1;
        return { update: this.#updates, cell, kind, waves: [wave] };
      });
      executed.push(...(await this.#runner.execute(updates, step, signal)));
    }
    await board.disarm();
    return executed;
  }

  /** Reads the array after an action, and puts both on disk. */
  async #finish(step: number, executed: readonly ExecutedUpdate[], isWhole: boolean): Promise<boolean> {
    const { board, runFile, clock } = this.#parts;
    const before = this.#reading;
    const after = await this.#read();
    const updates = this.#rows.updates(step, executed, before, after);
    if (isWhole) {
      const row = this.#rows.step(step, updates, { before, after }, clock.wallNs());
      await runFile.record({ step: row, reading: after, updates, link: board.statistics });
    } else {
      await runFile.reading(step, after);
      await runFile.recordLate(updates);
    }
    return isWhole;
  }

  /** One SET pulse on each cell that can be read; accounted like any other. Undefined where the signal came before it. */
  async #findSign(): Promise<WeightSign | undefined> {
    const { board, runFile, device, steps } = this.#parts;
    const nodesOfCells = [...this.#nodes].filter((node) => this.#nodes.has(node ^ 1));
    const groups = pulseGroups(new Set(nodesOfCells), 1, board.identity, ['SET']);
    const before = this.#reading;
    const executed = await this.#pulse(groups, steps.signWave, 0);
    const cells = new Set(executed.map(({ cell }) => cell));
    await this.#finish(0, executed, true);
    const evidence = this.#evidence(cells, before, this.#reading);
    if (evidence.length === 0) return undefined;
    const found = signOfMost(evidence, Math.SQRT2 * readSigmaV(device, this.#converters));
    await runFile.note({ weightSign: found.sign });
    await runFile.event(0, 'bring-up', found);
    return found.sign;
  }

  #evidence(cells: ReadonlySet<number>, before: ArrayReading, after: ArrayReading): SignEvidence[] {
    const { tunneling } = this.#parts.device;
    const elapsedS = Math.max(0, after.boardTimeUs - before.boardTimeUs) / US_PER_S;
    const nodesOf = ({ setCode, resetCode }: CellReading) => ({
      setNodeV: setCode * this.#converters.nodeVPerCode,
      resetNodeV: resetCode * this.#converters.nodeVPerCode,
    });
    return before.cells.flatMap((reading, index) => {
      const later = after.cells[index];
      if (later === undefined || !cells.has(reading.cell)) return [];
      const nodes = nodesOf(reading);
      const fall = (nodeV: number) => tunnelingDropV(nodeV, 0, elapsedS, tunneling);
      const driftV = fall(nodes.setNodeV) - fall(nodes.resetNodeV);
      return [{ cell: reading.cell, before: nodes, after: nodesOf(later), driftV }];
    });
  }

  /** What of an action's pulses an earlier run has not emitted. */
  #left(groups: readonly PulseGroup[], step: number): readonly PulseGroup[] {
    const { actionsDone, pulsed } = this.#parts.progress;
    if (step !== actionsDone + 1) return groups;
    return groups.map(({ kind, cells }) => ({
      kind,
      cells: cells.filter((cell) => !pulsed[kind].has(cell)),
    }));
  }

  #waveOf(action: Extract<Action, { kind: 'pulse' }>): number {
    const { amplitudeV, widthUs } = shapeOf(action);
    const wave = this.#parts.steps.waves.find(
      (known) => known.amplitudeV === amplitudeV && known.widthUs === widthUs,
    );
    if (wave === undefined)
      throw new FnloopError('invariant', `A pulse of ${amplitudeV} V and ${widthUs} us has no wave.`);
    return wave.wave;
  }

  async #read(): Promise<ArrayReading> {
    this.#reading = await this.#witness.refresh();
    return this.#reading;
  }
}
