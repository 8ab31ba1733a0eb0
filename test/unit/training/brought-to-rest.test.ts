import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { createMockBoard, type MockBoard } from '../../../mocks/index.ts';
import { readExperiment } from '../../../src/config/experiment-file.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { NodeUsage } from '../../../src/scheduling/node-usage.ts';
import { RunFile } from '../../../src/store/run-file.ts';
import { RunReader } from '../../../src/store/run-reader.ts';
import { usageOf } from '../../../src/store/run-usage.ts';
import { Holding } from '../../../src/training/holding.ts';
import { runExperiment } from '../../../src/training/run-experiment.ts';
import { loadTask } from '../../../src/training/task.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { resumeOn } from '../../support/resuming.ts';
import { boardOn, wireTo } from '../../support/wire.ts';

const STEPS = 8;
const CELLS = 31;

interface Run {
  readonly mock: MockBoard;
  readonly folder: string;
  readonly status: Promise<'finished' | 'interrupted'>;
  readonly holding: Holding;
  /** Pulses that the board had emitted when it was brought to rest. */
  readonly emittedAtRest: () => number;
  /** What the host has sent. */
  readonly sent: readonly string[];
}

/** When the board is brought to rest: after so many pulses, or when a step is on disk and nothing of it is sent. */
type Moment = { readonly pulses: number } | { readonly intended: number };

/**
 * A run whose board something else brings to rest at a moment; as a command runs it, whose work
 * ends then, or as the daemon does, where it is held.
 */
async function runRested(moment: Moment, as: 'command' | 'daemon'): Promise<Run> {
  const mock = createMockBoard({ preset: 'dam-a', cells: 64 });
  let emitted = 0;
  const rest = () => {
    if (emitted > 0) return;
    emitted = mock.totalPulses;
    mock.bringToRest({ restCause: 'safe', restHost: 0 });
  };
  mock.onSlot = () => {
    if ('pulses' in moment && mock.totalPulses >= moment.pulses) rest();
  };
  const wire = wireTo(mock);
  const board = await boardOn(wire);
  const ending = new AbortController();
  const holding = new Holding();
  board.rested$.subscribe(({ by }) => {
    if (as === 'command') ending.abort();
    else holding.set(by, { isUrgent: true });
  });
  const shipped = readExperiment('breast-cancer');
  const experiment = { ...shipped, method: { ...shipped.method, steps: STEPS } };
  const folder = join(temporaryFolder(), 'run');
  const runFile = await RunFile.create(folder, systemClock);
  const intend = runFile.intend.bind(runFile);
  runFile.intend = async (batches, context) => {
    if ('intended' in moment && context.step === moment.intended) rest();
    await intend(batches, context);
  };
  const status = runExperiment({
    runId: 'run',
    experiment,
    task: loadTask(experiment.task, seededRandom(1, 'split')),
    board,
    runFile,
    past: new NodeUsage(),
    clock: systemClock,
    signal: ending.signal,
    ...(as === 'daemon' ? { hold: holding } : {}),
    onStep: () => {},
  }).finally(() => board.close());
  return { mock, folder, status, holding, emittedAtRest: () => emitted, sent: wire.sent };
}

/** The run file's pulses of each node are the board's. */
async function expectEqualAccounts(folder: string, mock: MockBoard): Promise<void> {
  await RunReader.with(folder, async (run) => {
    const { nodes } = await usageOf(run);
    const recorded = [...nodes.entries()].reduce((sum, [, { pulses }]) => sum + pulses, 0);
    expect(recorded).toBe(mock.totalPulses);
    const [{ bare = -1 } = {}] = await run.query<{ bare: number }>(
      'SELECT count(*) AS bare FROM pulses ANTI JOIN updates USING (update_id)',
    );
    expect(bare).toBe(0);
  });
}

test.each([
  ['in the middle of a step', { pulses: CELLS + 40 }],
  ['in the last step', { intended: STEPS }],
])('a command whose board is brought to rest %s ends there, says so, and can be gone on with', async (_, moment) => {
  const { mock, folder, status, emittedAtRest } = await runRested(moment, 'command');
  expect(await status).toBe('interrupted');
  expect(mock.totalPulses).toBe(emittedAtRest());
  expect(mock.isArmed).toBe(false);
  await RunReader.with(folder, async (run) => {
    expect(run.manifest).toMatchObject({
      status: 'interrupted',
      failure: expect.stringMatching(/^Board dam-a:1 was brought to rest by SAFE of somebody else/),
    });
    const events = await run.rows('events');
    expect(events.filter(({ name }) => name === 'brought-to-rest')).toHaveLength(1);
    expect(events.filter(({ name }) => name === 'rearmed')).toEqual([]);
  });
  await expectEqualAccounts(folder, mock);
  mock.onSlot = () => {};
  expect((await resumeOn(mock, folder)).status).toBe('finished');
  await expectEqualAccounts(folder, mock);
});

test('a command whose board is brought to rest before the first step ends, and accounts for its pulses', async () => {
  const { mock, folder, status, emittedAtRest } = await runRested({ pulses: 5 }, 'command');
  expect(await status).toBe('interrupted');
  expect(mock.totalPulses).toBe(emittedAtRest());
  await expectEqualAccounts(folder, mock);
});

test.each([
  ['before the first step', { pulses: 5 }],
  ['in the middle of a step', { pulses: CELLS + 40 }],
])('a run that is held when its board is brought to rest %s waits, and goes on where somebody says so', async (_, moment) => {
  const { mock, folder, status, holding, emittedAtRest, sent } = await runRested(moment, 'daemon');
  let isOver = false;
  void status.finally(() => {
    isOver = true;
  });
  // It has claimed the board at its beginning, and again where it waits.
  const claims = () => sent.filter((line) => line.includes(' SAFE')).length;
  await vi.waitFor(() => expect(claims()).toBe(2), { timeout: 20_000 });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([isOver, mock.totalPulses, mock.isArmed]).toEqual([false, emittedAtRest(), false]);
  holding.lift();
  expect(await status).toBe('finished');
  await expectEqualAccounts(folder, mock);
});
