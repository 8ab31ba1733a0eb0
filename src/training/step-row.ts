import { commonModeV } from '../../calibration/physics/cell.ts';
import type { ArrayReading } from '../board/types.ts';
import type { Overhead } from '../ledger/overhead.ts';
import type { NewRow } from '../store/tables.ts';
import type { CellModel } from './cell-model.ts';
import { modelWeights } from './gradient-steps.ts';
import { evaluate } from './logistic.ts';
import type { Task } from './task.ts';

export interface StepParts {
  readonly step: number;
  readonly epoch: number;
  readonly clipped: number;
  readonly updates: number;
  readonly pulses: number;
  /** Null where nobody knows what the step took besides. */
  readonly overhead: Overhead | null;
}

interface StepEnd {
  /** Judges the weights; null where that is done outside. */
  readonly judge: { readonly task: Task; readonly weightPerVolt: number } | null;
  readonly model: CellModel;
  readonly wallNs: bigint;
}

/** The row of a step that ended with a reading. */
export function stepRow(
  { step, epoch, clipped, updates, pulses, overhead }: StepParts,
  reading: ArrayReading,
  { judge, model, wallNs }: StepEnd,
): NewRow<'steps'> {
  const { boardTimeUs, cells } = reading;
  return {
    step,
    epoch,
    ...judged(reading, model, judge),
    updates,
    pulses,
    clipped,
    common_mode_v: cells.reduce((sum, each) => sum + commonModeV(model.nodesOf(each)), 0) / cells.length,
    board_time_us: boardTimeUs,
    energy_readout_fj: overhead?.readOutFJ ?? null,
    energy_board_fj: overhead?.boardFJ ?? null,
    wall_ns: wallNs,
  };
}

function judged(
  reading: ArrayReading,
  model: CellModel,
  judge: StepEnd['judge'],
): Pick<NewRow<'steps'>, 'train_accuracy' | 'test_accuracy' | 'train_loss'> {
  if (judge === null) return { train_accuracy: null, test_accuracy: null, train_loss: null };
  const { task, weightPerVolt } = judge;
  const weights = modelWeights(reading, model, weightPerVolt);
  const train = evaluate(task.train, weights);
  const test = evaluate(task.test, weights);
  return { train_accuracy: train.accuracy, test_accuracy: test.accuracy, train_loss: train.loss };
}
