import type { Board } from '../board/board.ts';
import { type CalibrationRecord, chipOf } from '../chip/calibration-record.ts';
import type { Experiment } from '../config/experiment.ts';
import { seededRandom } from '../core/random.ts';
import { knownPast, noHistory } from './board-history.ts';
import { type EpochPlan, planEpoch } from './epoch-plan.ts';
import { cellsOf } from './placement.ts';
import { deviceOf } from './run-experiment.ts';
import { loadTask } from './task.ts';

interface Circumstances {
  readonly board: Board;
  /** What is known of its chip, where it was calibrated. */
  readonly known: CalibrationRecord | undefined;
  /** Folder of the runs, which say what its nodes have received before; undefined where the board is made anew each time. */
  readonly runs: string | undefined;
}

/** Plans an epoch from the cells as they are now: reads them, and sends nothing else. */
export async function planOnBoard(
  experiment: Experiment,
  { board: open, known, runs }: Circumstances,
): Promise<{
  readonly plan: EpochPlan;
  /** Batches and pulses of runs whose process died, which the plan does not count. */
  readonly unsettled: number;
}> {
  const board = open.identity;
  const task = loadTask(experiment.task, seededRandom(experiment.seed, 'split'));
  const chip = chipOf(deviceOf(experiment), known);
  const reading = await open.read(cellsOf(task, board, chip));
  const { past, unsettled } =
    runs === undefined ? { past: noHistory.past, unsettled: 0 } : await knownPast(runs, board);
  const { bytesPerS } = open;
  return { plan: planEpoch({ experiment, task, board, chip, reading, past, bytesPerS }), unsettled };
}
