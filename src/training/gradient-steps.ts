import type { ArrayReading, CellReading } from '../board/types.ts';
import type { Experiment } from '../config/experiment.ts';
import type { CellModel } from './cell-model.ts';
import { DataOrder } from './data-order.ts';
import type { HostState } from './host-state.ts';
import { gradient, type Weights } from './logistic.ts';
import { nothing, type Policy, type Proposal, type Responses, type WantedChange } from './policy.ts';
import type { StepSource, WantedStep } from './step-source.ts';
import type { Task } from './task.ts';

export interface GradientParts {
  readonly experiment: Experiment;
  readonly task: Task;
  readonly policy: Policy;
  readonly model: CellModel;
}

const US_PER_S = 1e6;

/** From readings of the chip to updates, step by step. Knows no board: training and planning share it. */
export class GradientSteps implements StepSource {
  readonly #parts: GradientParts;
  readonly #order: DataOrder;
  /** By cell, of the reading before the first step. */
  readonly #fresh: ReadonlyMap<number, Responses>;
  #last: ArrayReading;
  #elapsedS: number;

  /**
   * `start` is the reading before the first step, whose response to pulses the learning rate is meant for. `from` says where
   * another process had come to, and the reading that the next step follows.
   */
  constructor(
    parts: GradientParts,
    start: ArrayReading,
    from?: { readonly state: HostState; readonly reading: ArrayReading },
  ) {
    const { experiment, task, policy } = parts;
    const samples = task.train.labels.length;
    this.#parts = parts;
    this.#order = new DataOrder(
      { samples, batchSize: experiment.method.batchSize ?? samples, seed: experiment.seed },
      from?.state.order,
    );
    this.#last = from?.reading ?? start;
    this.#fresh = new Map(start.cells.map((cell) => [cell.cell, this.#responses(cell, start.temperatureK)]));
    this.#elapsedS = from?.state.elapsedS ?? (policy.waves[0]?.widthUs ?? 0) / US_PER_S;
  }

  /** Steps of one pass over the training part. */
  get stepsPerEpoch(): number {
    const { experiment, task } = this.#parts;
    const samples = task.train.labels.length;
    return Math.ceil(samples / (experiment.method.batchSize ?? samples));
  }

  /** The next step, at the weights that the chip holds by its last reading. */
  next(reading: ArrayReading): WantedStep {
    const { experiment, task, policy, model } = this.#parts;
    this.#elapsedS = this.#elapsedUntil(reading);
    this.#last = reading;
    const { epoch, indices } = this.#order.next();
    const weights = modelWeights(reading, model, experiment.model.weightPerVolt);
    const changes = this.#wanted(reading, gradient(task.train, indices, weights));
    return { epoch, changes, ...policy.propose(changes) };
  }

  /** What is left to do in the step that `next` began, by a reading after its last round: nothing where it is done. */
  correct({ cells }: Pick<ArrayReading, 'cells'>): Proposal {
    const { policy, model } = this.#parts;
    return (
      policy.correct?.(cells.map((reading) => ({ cell: reading.cell, weightV: model.weightV(reading) }))) ??
      nothing
    );
  }

  /** What another process needs to go on after a step that ended with this reading. */
  stateAt(reading: ArrayReading): HostState {
    return {
      elapsedS: this.#elapsedUntil(reading),
      order: this.#order.state,
      policy: this.#parts.policy.state,
    };
  }

  #elapsedUntil(reading: ArrayReading): number {
    return reading === this.#last ? this.#elapsedS : elapsedBetween(this.#last, reading, this.#elapsedS);
  }

  #wanted(reading: ArrayReading, gradients: Float64Array): WantedChange[] {
    const { experiment, model } = this.#parts;
    const { learningRate } = experiment.method;
    const { weightPerVolt } = experiment.model;
    return reading.cells.map((cell, index) => {
      const responseVPerS = this.#responses(cell, reading.temperatureK);
      return {
        cell: cell.cell,
        weightV: model.weightV(cell),
        wantedV: (-learningRate * (gradients[index] ?? 0)) / weightPerVolt,
        driftV: model.driftV(cell, this.#elapsedS, reading.temperatureK),
        freshVPerS: this.#fresh.get(cell.cell) ?? responseVPerS,
        responseVPerS,
        movesV: (pulse) => model.movesV(cell, pulse, reading.temperatureK),
      };
    });
  }

  rested(reading: ArrayReading): void {
    this.#last = reading;
  }

  #responses(reading: CellReading, temperatureK: number | undefined): Responses {
    const { policy, model } = this.#parts;
    return responsesTo(policy, model, reading, temperatureK);
  }
}

/** A cell's responses to the policy's shortest pulse; none to a policy without pulses. */
export function responsesTo(
  { waves: [wave] }: Policy,
  model: CellModel,
  reading: CellReading,
  temperatureK: number | undefined,
): Responses {
  if (wave === undefined) return { SET: 0, RESET: 0 };
  const { amplitudeV, widthUs } = wave;
  return model.responsesVPerS(reading, { amplitudeV, widthS: widthUs / US_PER_S }, temperatureK);
}

/** Model weights that the chip holds by a reading. */
export const modelWeights = (
  { cells }: Pick<ArrayReading, 'cells'>,
  model: CellModel,
  weightPerVolt: number,
): Weights => Float64Array.from(cells, (cell) => weightPerVolt * model.weightV(cell));

/** Board time between two readings, s; `otherwiseS` where the board has restarted its clock in between. */
export function elapsedBetween(before: ArrayReading, after: ArrayReading, otherwiseS: number): number {
  const elapsedS = (after.boardTimeUs - before.boardTimeUs) / US_PER_S;
  return elapsedS >= 0 ? elapsedS : otherwiseS;
}
