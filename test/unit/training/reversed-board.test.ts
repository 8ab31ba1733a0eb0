import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crc16 } from '../../../firmware-protocol/crc16.ts';
import { createMockBoard } from '../../../mocks/index.ts';
import { Board } from '../../../src/board/board.ts';
import { readExperiment } from '../../../src/config/experiment.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { RunFile } from '../../../src/store/run-file.ts';
import { RunReader } from '../../../src/store/run-reader.ts';
import { summarize } from '../../../src/store/summary.ts';
import { runExperiment } from '../../../src/training/run-experiment.ts';
import { loadTask } from '../../../src/training/task.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { wireTo } from '../../support/wire.ts';

test('a board that reports S and R exchanged is found out at bring-up, and trains', async () => {
  const mock = createMockBoard({ preset: 'dam-a', cells: 64 });
  const exchanged = (line: string) => {
    if (line.includes('batch=')) return line;
    const body = line
      .slice(0, -5)
      .replace(/codes=(.*)$/, (_, codes: string) => `codes=${codes.replace(/(.{4})(.{4})/g, '$2$1')}`);
    return `${body}*${crc16(body).toString(16).toUpperCase().padStart(4, '0')}`;
  };
  const board = await Board.greet(wireTo(mock, { toHost: exchanged }).transport);
  const shipped = readExperiment('breast-cancer');
  const experiment = { ...shipped, method: { ...shipped.method, steps: 80 } };
  const task = loadTask(experiment.task, seededRandom(1, 'split'));
  const folder = join(temporaryFolder(), 'run');
  const runFile = await RunFile.create(folder, systemClock);
  const { signal } = new AbortController();
  const parts = {
    runId: 'run',
    experiment,
    task,
    board,
    runFile,
    clock: systemClock,
    signal,
    onStep: () => {},
  };
  expect(await runExperiment(parts)).toBe('finished');
  await RunReader.with(folder, async (run) => {
    expect(run.manifest.weightSign).toBe(-1);
    expect((await summarize(run)).accuracy.test).toBeGreaterThan(0.93);
  });
});

test('a chip beyond the converter is refused before a pulse', async () => {
  const mock = createMockBoard({ preset: 'dam-a', cells: 64, startV: 11 });
  const board = await Board.greet(wireTo(mock).transport);
  const experiment = readExperiment('breast-cancer');
  const task = loadTask(experiment.task, seededRandom(1, 'split'));
  const runFile = await RunFile.create(join(temporaryFolder(), 'run'), systemClock);
  const { signal } = new AbortController();
  const parts = {
    runId: 'run',
    experiment,
    task,
    board,
    runFile,
    clock: systemClock,
    signal,
    onStep: () => {},
  };
  await expect(runExperiment(parts)).rejects.toMatchObject({
    code: 'chip-unfit',
    message: expect.stringContaining('at the end of the converter; device dam-a is valid from 5.5 to 9.2 V'),
  });
  expect(mock.pulsesApplied(0, 'SET')).toBe(0);
});
