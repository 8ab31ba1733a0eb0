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
  readonly task: Task;
  readonly model: CellModel;
  readonly weightPerVolt: number;
  readonly wallNs: bigint;
}

/** The row of a step that ended with a reading. */
export function stepRow(
  { step, epoch, clipped, updates, pulses, overhead }: StepParts,
  reading: ArrayReading,
  { task, model, weightPerVolt, wallNs }: StepEnd,
): NewRow<'steps'> {
  const { boardTimeUs, cells } = reading;
  const weights = modelWeights(reading, model, weightPerVolt);
  const train = evaluate(task.train, weights);
  return {
    step,
    epoch,
    train_accuracy: train.accuracy,
    test_accuracy: evaluate(task.test, weights).accuracy,
    train_loss: train.loss,
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
