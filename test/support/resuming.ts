import type { MockBoard } from '../../mocks/index.ts';
import type { Board } from '../../src/board/board.ts';
import { type Experiment, experimentSchema } from '../../src/config/experiment.ts';
import { systemClock } from '../../src/core/clock.ts';
import { seededRandom } from '../../src/core/random.ts';
import { NodeUsage } from '../../src/scheduling/node-usage.ts';
import { RunFile } from '../../src/store/run-file.ts';
import { RunReader } from '../../src/store/run-reader.ts';
import { Holding } from '../../src/training/holding.ts';
import { resumeRun } from '../../src/training/resume-run.ts';
import { runExperiment } from '../../src/training/run-experiment.ts';
import { loadTask } from '../../src/training/task.ts';
import { boardOn, type Tampering, wireTo } from './wire.ts';

/** What every session has, its abort signal given once the step is on disk; never where absent. */
function sessionOf(board: Board, experiment: Experiment, lastStep: number | undefined) {
  const controller = new AbortController();
  return {
    experiment,
    task: loadTask(experiment.task, seededRandom(experiment.seed, 'split')),
    board,
    clock: systemClock,
    signal: controller.signal,
    onStep: ({ step }: { readonly step: { readonly step: number } }) => {
      if (step.step === lastStep) controller.abort();
    },
  };
}

/** Begins a run on a mock, in process; interrupted between two steps where `lastStep` is given. */
export async function beginOn(mock: MockBoard, experiment: Experiment, folder: string, lastStep?: number) {
  const board = await boardOn(wireTo(mock));
  const runFile = await RunFile.create(folder, systemClock);
  return runExperiment({
    ...sessionOf(board, experiment, lastStep),
    runId: 'run',
    runFile,
    past: new NodeUsage(),
  }).finally(() => board.close());
}

/** Begins a run that is held after a step, and interrupted as soon as it is on record that it goes on from there. */
export async function beginResting(
  mock: MockBoard,
  experiment: Experiment,
  folder: string,
  { afterStep, whileHeld }: { readonly afterStep: number; readonly whileHeld: () => void },
) {
  const board = await boardOn(wireTo(mock));
  const runFile = await RunFile.create(folder, systemClock);
  const dying = new AbortController();
  const holding = new Holding();
  const goOn = runFile.goOn.bind(runFile);
  runFile.goOn = async (state) => {
    await goOn(state);
    dying.abort();
  };
  return runExperiment({
    ...sessionOf(board, experiment, undefined),
    signal: dying.signal,
    hold: {
      get reason() {
        return holding.reason;
      },
      get signal() {
        return holding.signal;
      },
      get cut() {
        return holding.cut;
      },
      released: async () => {
        whileHeld();
        holding.lift();
      },
    },
    onStep: ({ step: { step } }) => {
      if (step === afterStep) holding.set('It is held by the test.');
    },
    runId: 'run',
    runFile,
    past: new NodeUsage(),
  }).finally(() => board.close());
}

/** Goes on with it, as another process would. */
export async function resumeOn(
  mock: MockBoard,
  folder: string,
  choices: {
    readonly lastStep?: number;
    readonly acceptChanges?: boolean;
    readonly tampering?: Tampering;
  } = {},
) {
  const { lastStep, acceptChanges = false, tampering = {} } = choices;
  const manifest = await RunReader.with(folder, async (run) => run.manifest);
  const board = await boardOn(wireTo(mock, tampering));
  const notes: string[] = [];
  const status = await resumeRun({
    ...sessionOf(board, experimentSchema.parse(manifest.experiment), lastStep),
    manifest,
    runFile: await RunFile.reopen(folder, systemClock),
    history: { charging: (usage, run) => run(usage) },
    acceptChanges,
    onNote: (sentence) => notes.push(sentence),
  }).finally(() => board.close());
  return { status, notes };
}
