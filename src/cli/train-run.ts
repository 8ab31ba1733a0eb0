import { join } from 'node:path';
import type { Experiment } from '../config/experiment.ts';
import { seededRandom } from '../core/random.ts';
import { resolutionWarning } from '../report/bound-comparison.ts';
import { RunFile } from '../store/run-file.ts';
import { newRunId } from '../store/run-folder.ts';
import { noHistory, openHistory } from '../training/board-history.ts';
import { runExperiment } from '../training/run-experiment.ts';
import { loadTask } from '../training/task.ts';
import { hasHistory, parseAddress } from '../transport/address.ts';
import type { App } from './app.ts';
import { knownChip, namedCalibration } from './calibration-choice.ts';
import { type TrainedRun, withResuming } from './conclude-run.ts';
import type { LinkChoices } from './options.ts';
import type { Output } from './output.ts';
import { progressOf } from './progress.ts';
import { liveShipping, type ShippingChoices } from './shipping.ts';
import { watched } from './shipping-watch.ts';

export interface TrainRunChoices extends LinkChoices, ShippingChoices {
  readonly runs: string;
}

/** Trains one experiment on its board, recorded and charged; how it ended is in its file too. */
export async function trainRun(
  app: App,
  experiment: Experiment,
  choices: TrainRunChoices,
  note: Output['note'],
): Promise<TrainedRun> {
  const task = loadTask(experiment.task, seededRandom(experiment.seed, 'split'));
  const opened = namedCalibration(experiment);
  const runId = newRunId(app.clock.wallNs(), experiment.task.name, experiment.seed);
  const folder = join(choices.runs, runId);
  const shipping = liveShipping(app, choices);
  const trained = app.withBoard(
    experiment.board,
    async (board) => {
      const history = hasHistory(parseAddress(experiment.board))
        ? await openHistory(choices.runs, board, app.clock)
        : noHistory;
      const { source, boardId } = board.identity;
      const calibration = knownChip(opened, experiment.device, {
        board: board.identity,
        wallNs: app.clock.wallNs(),
        runs: choices.runs,
        note,
      });
      for (const warning of resolutionWarning(experiment.accounting.bits, board.identity.adcBits))
        note(`Warning: accounting.bits: ${warning}`);
      const runFile = await RunFile.create(folder, app.clock);
      if (shipping !== undefined) await runFile.accompany(shipping);
      app.nowOn(runId, history === noHistory ? null : `fnloop runs resume ${runId}`);
      note(`Run ${runId} on ${source} ${boardId} at ${board.address}, recorded in ${folder}.`);
      const { step: onStep, stop } = progressOf(experiment.method.steps, process.stderr, watched(shipping));
      const { clock, signal } = app;
      const { past } = history;
      const parts = { runId, experiment, task, board, calibration, runFile, past, clock, signal, onStep };
      return history.charging(folder, () => runExperiment(parts)).finally(stop);
    },
    { seed: experiment.seed, wireLog: choices.wireLog, patience: choices.patience },
  );
  const status = await trained.catch(async (failure: unknown) => {
    throw await withResuming(failure, folder);
  });
  return { runId, folder, status };
}
