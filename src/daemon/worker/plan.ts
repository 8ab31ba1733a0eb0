import { chipOf } from '../../chip/calibration-record.ts';
import type { Experiment } from '../../config/experiment.ts';
import { seededRandom } from '../../core/random.ts';
import { knownPast, noHistory } from '../../training/board-history.ts';
import { type EpochPlan, planEpoch } from '../../training/epoch-plan.ts';
import { cellsOf } from '../../training/placement.ts';
import { deviceOf } from '../../training/run-experiment.ts';
import { loadTask } from '../../training/task.ts';
import { hasHistory, parseAddress } from '../../transport/address.ts';
import { chipKnown, type RunWorkParts } from './run-work.ts';

/** Plans an epoch from the cells as they are now: reads them, and sends nothing else. */
export async function planned(parts: RunWorkParts, experiment: Experiment): Promise<EpochPlan> {
  const { board, settings } = parts;
  const task = loadTask(experiment.task, seededRandom(experiment.seed, 'split'));
  const chip = chipOf(deviceOf(experiment), chipKnown(experiment.calibration, parts));
  const reading = await board.read(cellsOf(task, board.identity, chip));
  const { past } = hasHistory(parseAddress(settings.address))
    ? await knownPast(settings.runs, board.identity)
    : noHistory;
  return planEpoch({ experiment, task, board: board.identity, chip, reading, past });
}
