import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createMockBoard, type MockBoard } from '../../../mocks/index.ts';
import { readExperiment } from '../../../src/config/experiment-file.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { NodeUsage } from '../../../src/scheduling/node-usage.ts';
import { RunFile } from '../../../src/store/run-file.ts';
import { RunReader } from '../../../src/store/run-reader.ts';
import { summarize } from '../../../src/store/summary.ts';
import { runExperiment } from '../../../src/training/run-experiment.ts';
import { loadTask } from '../../../src/training/task.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { altered, boardOn, type Tampering, wireTo } from '../../support/wire.ts';

/** The parts of a run of so many steps on the mock, as the command line would put them together. */
async function runOn(
  mock: MockBoard,
  steps: number,
  tampering: Tampering = {},
  { signal } = new AbortController(),
) {
  const board = await boardOn(wireTo(mock, tampering));
  const shipped = readExperiment('breast-cancer');
  const experiment = { ...shipped, method: { ...shipped.method, steps } };
  const task = loadTask(experiment.task, seededRandom(1, 'split'));
  const folder = join(temporaryFolder(), 'run');
  const runFile = await RunFile.create(folder, systemClock);
  const parts = {
    runId: 'run',
    experiment,
    task,
    board,
    runFile,
    past: new NodeUsage(),
    clock: systemClock,
    signal,
    onStep: () => {},
  };
  return { folder, status: runExperiment(parts) };
}

test('a board that reports S and R exchanged is found out at bring-up, and trains', async () => {
  const exchanged = (line: string) => {
    const codes = / codes=(.*)\*/.exec(line)?.[1];
    if (codes === undefined || line.includes('batch=')) return line;
    return altered(line, /codes=.*/, `codes=${codes.replace(/(.{4})(.{4})/g, '$2$1')}`);
  };
  const mock = createMockBoard({ preset: 'dam-a', cells: 64 });
  const { folder, status } = await runOn(mock, 80, { toHost: exchanged });
  expect(await status).toBe('finished');
  await RunReader.with(folder, async (run) => {
    expect(run.manifest.weightSign).toBe(-1);
    expect((await summarize(run)).accuracy.test).toBeGreaterThan(0.93);
  });
});

test('a chip beyond the converter is refused before a pulse', async () => {
  const mock = createMockBoard({ preset: 'dam-a', cells: 64, startV: 11 });
  const { status } = await runOn(mock, 1);
  await expect(status).rejects.toMatchObject({
    code: 'chip-unfit',
    message: expect.stringContaining('at the end of the converter; device dam-a is valid from 5.5 to 9.2 V'),
  });
  expect(mock.pulsesApplied(0, 'SET')).toBe(0);
});

test('a signal before the first pulse means none, armed or not', async () => {
  const mock = createMockBoard({ preset: 'dam-a', cells: 64 });
  const controller = new AbortController();
  const abortAtArm = (line: string) => {
    if (line.includes(' ARM ')) controller.abort();
    return line;
  };
  const { folder, status } = await runOn(mock, 10, { toBoard: abortAtArm }, controller);
  expect(await status).toBe('interrupted');
  expect(mock.pulsesApplied(0, 'SET')).toBe(0);
  await RunReader.with(folder, async (run) => expect(await run.rows('intents')).toEqual([]));
});
