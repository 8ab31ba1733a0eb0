import { basename, dirname } from 'node:path';
import type { MockBoard } from '../../mocks/index.ts';
import type { Board } from '../../src/board/board.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { readExperiment } from '../../src/config/experiment-file.ts';
import { likeSettings, type PolicyName } from '../../src/config/policy.ts';
import { systemClock } from '../../src/core/clock.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { NodeUsage } from '../../src/scheduling/node-usage.ts';
import { RunFile } from '../../src/store/run-file.ts';
import { runExperiment } from '../../src/training/run-experiment.ts';
import { loadTask } from '../../src/training/task.ts';

/** The shipped experiment under a policy, as `--policy NAME` makes it, with other values for some of its keys. */
export function experimentUnder(policy: PolicyName, changes: Partial<Experiment> = {}): Experiment {
  const experiment = { ...readExperiment('breast-cancer'), ...changes };
  const settings = likeSettings(experiment.policy, policy);
  if (settings === undefined) throw new Error(`${experiment.policy.name} has no pulses for ${policy}`);
  return { ...experiment, policy: settings };
}

/** Trains on an open board, as the command line would. */
export async function trainOn(board: Board, experiment: Experiment, folder: string, past: NodeUsage) {
  const runFile = await RunFile.create(folder, systemClock);
  return runExperiment({
    runId: basename(dirname(folder)),
    experiment,
    task: loadTask(experiment.task, seededRandom(experiment.seed, 'split')),
    board,
    runFile,
    past,
    clock: systemClock,
    signal: new AbortController().signal,
    onStep: () => {},
  });
}

/** Pulses of each node that has any, by the mock's own count. */
export function appliedTo(mock: MockBoard, cells: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let cell = 0; cell < cells; cell += 1) {
    for (const kind of ['SET', 'RESET'] as const) {
      const pulses = mock.pulsesApplied(cell, kind);
      if (pulses > 0) counts[`${kind} ${cell}`] = pulses;
    }
  }
  return counts;
}
