import { convertersOf } from '../board/converters.ts';
import { cellCount, waveProblems } from '../board/limits.ts';
import type { ArrayReading, BoardIdentity, DefinedWave } from '../board/types.ts';
import type { ChipModel } from '../chip/chip-model.ts';
import { USUAL_SIGN } from '../chip/weight-sign.ts';
import type { Experiment } from '../config/experiment.ts';
import { Ledger } from '../ledger/account.ts';
import { excesses } from '../scheduling/budget.ts';
import type { NodeUsage } from '../scheduling/node-usage.ts';
import { type Stress, stressOf } from '../scheduling/stress.ts';
import type { WireBytes } from '../scheduling/wire-cost.ts';
import { bringUpUpdates } from './bring-up.ts';
import { cellModel, weightSigmaV } from './cell-model.ts';
import { GradientSteps } from './gradient-steps.ts';
import type { PlannedPart } from './planned-part.ts';
import { PlannedRun } from './planned-run.ts';
import { createPolicy } from './policies/index.ts';
import { nothing } from './policy.ts';
import { assertReadable } from './readable.ts';
import type { Task } from './task.ts';

export interface PlanParts {
  readonly experiment: Experiment;
  readonly task: Task;
  readonly board: BoardIdentity;
  /** What is believed of its cells. */
  readonly chip: ChipModel;
  /** Present codes of the cells that hold the weights. */
  readonly reading: ArrayReading;
  /** What the board's nodes have received before. */
  readonly past: NodeUsage;
  /** Pace of the board's wire; Infinity where nothing sets one. */
  readonly bytesPerS: number;
}

interface Range {
  readonly min: number;
  readonly max: number;
}

/** What one epoch of training would send, from the present state of the cells: data, nothing sent. */
export interface EpochPlan {
  readonly boardId: string;
  readonly source: BoardIdentity['source'];
  readonly seed: number;
  readonly task: string;
  readonly policy: string;
  /** Steps planned: one pass over the training part, or all steps of the experiment where that is fewer. */
  readonly steps: number;
  readonly stepsOfExperiment: number;
  readonly cells: { readonly used: number; readonly onBoard: number };
  /** Before the bring-up, at the sign of the calibration; without one, at the sign that SET raises the weight. */
  readonly weightV: Range;
  readonly nodeV: Range;
  readonly validNodeV: Range;
  /** Taking the board, its waves, the first reading and arming. */
  readonly setUpWireBytes: WireBytes;
  readonly bringUp: PlannedPart;
  readonly training: PlannedPart;
  readonly stress: readonly Stress[];
  /** Why it would be refused, each a sentence; empty where it would be accepted. */
  readonly problems: readonly string[];
}

/**
 * Plans an epoch with the objects that training uses, on cells that do what the model says. Throws `chip-unfit`
 * where the reading is beyond the device's model.
 */
export function planEpoch({ experiment, task, board, chip, reading, past, bytesPerS }: PlanParts): EpochPlan {
  const { device, weightSign: sign = USUAL_SIGN } = chip;
  const converters = convertersOf(board);
  const policy = createPolicy(experiment.policy, { board, weightSigmaV: weightSigmaV(device, converters) });
  const ledger = new Ledger(chip, converters);
  const model = cellModel(chip, converters, sign);
  assertReadable(reading, { boardId: board.boardId, device, converters, model });

  const waves = policy.waves.map(
    (wave): DefinedWave => ({ ...wave, dacCode: Math.round(wave.amplitudeV / converters.amplitudeVPerCode) }),
  );
  const cells = reading.cells.map(({ cell }) => cell);
  const planned = new PlannedRun({ board, chip, sign, converters, ledger, waves, reading, bytesPerS });
  const setUpWireBytes = planned.prepare();

  let latest = reading;
  const bringUp = planned.part((tally) => {
    if (waves.length === 0) return;
    const updates = bringUpUpdates(cells, policy);
    latest = planned.step({ updates, clipped: 0 }, () => nothing, tally);
  });
  const gradientSteps = new GradientSteps({ experiment, task, policy, model }, latest);
  const steps = Math.min(experiment.method.steps, gradientSteps.stepsPerEpoch);
  const training = planned.part((tally) => {
    for (let step = 1; step <= steps; step += 1) {
      latest = planned.step(gradientSteps.next(latest), (reading) => gradientSteps.correct(reading), tally);
    }
  });
  const limits = experiment.budget ?? {};
  const { added, mostPulsesInBatch } = planned;
  const nodes = reading.cells.map((cell) => model.nodesOf(cell));
  return {
    boardId: board.boardId,
    source: board.source,
    seed: experiment.seed,
    task: task.name,
    policy: policy.name,
    steps,
    stepsOfExperiment: experiment.method.steps,
    cells: { used: cells.length, onBoard: cellCount(board) },
    weightV: rangeOf(reading.cells.map((cell) => model.weightV(cell))),
    nodeV: rangeOf(nodes.flatMap(({ setNodeV, resetNodeV }) => [setNodeV, resetNodeV])),
    validNodeV: device.validNodeV,
    setUpWireBytes,
    bringUp,
    training,
    stress: stressOf({ board, waves, mostPulsesInBatch, limits, past, added }),
    problems: [
      ...new Set(waves.flatMap((wave) => waveProblems(wave, board))),
      ...excesses(limits, past, added),
    ],
  };
}

const rangeOf = (values: readonly number[]): Range => ({
  min: Math.min(...values),
  max: Math.max(...values),
});
