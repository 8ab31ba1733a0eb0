import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readDaemonConfig } from '../../src/daemon/config.ts';
import type { Lab } from '../../src/daemon/lab.ts';
import { RunReader } from '../../src/store/run-reader.ts';
import { usageOf } from '../../src/store/run-usage.ts';
import { daemonConfig, experimentOf, labOf, pulsesOn, servedMock, until } from '../support/daemon.ts';

const MATCHED = experimentOf(1).policy;
const stateOf = (lab: Lab, id: string) => lab.jobs().find((job) => job.id === id);

async function labWithOneBoard(more: object = {}) {
  const served = await servedMock();
  const config = daemonConfig({ b0: served.address }, more);
  const opened = labOf(config.file, { sessionIdleMs: 1_000 });
  await until(() => opened.lab.boards()[0]?.state === 'ready', 'ready');
  return { ...served, ...config, ...opened };
}

/** Pulses of each node by the run file, names of its events, and rows that nobody accounted for. */
const contentOf = (folder: string) =>
  RunReader.with(folder, async (run) => {
    const { nodes, unsettled } = await usageOf(run);
    const purposes = await run.query<{ purpose: string }>(
      'SELECT DISTINCT purpose FROM updates ORDER BY ALL',
    );
    return {
      status: run.manifest.status,
      pulses: Array.from({ length: 128 }, (_, node) => nodes.of(node).pulses),
      unsettled,
      events: (await run.rows('events')).map(({ name }) => name),
      purposes: purposes.map(({ purpose }) => purpose),
    };
  });

test('a paused run rests disarmed and goes on in the same file; SAFE does it in the middle of a step', async () => {
  const { lab, mock, batches, runs } = await labWithOneBoard();
  const { id } = await lab.submit('b0', experimentOf(100), 'test');
  await until(() => batches() > 5, 'it trains');
  await lab.pause(id);
  await until(() => stateOf(lab, id)?.state === 'paused' && !mock.isArmed, 'paused and disarmed');
  expect(stateOf(lab, id)?.reason).toBe('It was paused by command.');
  const held = batches();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(batches()).toBe(held);
  await lab.resume(id);
  await until(() => batches() > held + 5, 'it goes on');
  expect(await lab.safe('b0', 'a test')).toEqual({ wasArmed: true });
  expect(mock.isArmed).toBe(false);
  await until(() => stateOf(lab, id)?.state === 'paused', 'paused by SAFE');
  const safe = batches();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect([mock.isArmed, batches() - safe]).toEqual([false, 0]);
  await lab.resume(id);
  await until(() => stateOf(lab, id)?.state === 'finished', 'finished');
  const content = await contentOf(join(runs, stateOf(lab, id)?.runId ?? ''));
  expect(content).toMatchObject({ status: 'finished', unsettled: 0, pulses: pulsesOn(mock) });
  expect(content.events.filter((name) => name === 'paused' || name === 'went-on')).toEqual([
    'paused',
    'went-on',
    'paused',
    'went-on',
  ]);
  expect(stateOf(lab, id)?.progress?.testAccuracy).toBeGreaterThan(0.9);
});

test('a run rests while the temperature is outside of its band, and goes on after', async () => {
  const { lab, mock, file, write, address, batches } = await labWithOneBoard();
  const band = (min: number, max: number) => ({
    boards: {
      b0: { address, device: 'dam-a', patienceS: 20, suspend: { temperatureK: { min, max }, settleS: 0.5 } },
    },
  });
  const reloaded = (min: number, max: number) => {
    write({}, band(min, max));
    lab.reload(readDaemonConfig(file));
  };
  const { id } = await lab.submit('b0', experimentOf(150), 'test');
  await until(() => (stateOf(lab, id)?.progress?.step ?? 0) > 3, 'it trains');
  reloaded(310, 320);
  await until(() => stateOf(lab, id)?.state === 'paused' && !mock.isArmed, 'it rests');
  expect(stateOf(lab, id)?.reason).toMatch(/^Temperature (299|300)\.\d K is outside of 310 to 320 K\.$/);
  const held = batches();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(batches()).toBe(held);
  reloaded(290, 310);
  await until(() => stateOf(lab, id)?.state === 'finished', 'it goes on to the end');
});

test('jobs are done in their order, which can be changed; one that waits is taken off', async () => {
  const { lab } = await labWithOneBoard();
  const begun: string[] = [];
  lab.events$.subscribe((event) => {
    if (event.kind === 'job' && event.job.state === 'running' && !begun.includes(event.job.id))
      begun.push(event.job.id);
  });
  const ids: string[] = [];
  for (const steps of [20, 2, 2, 2]) ids.push((await lab.submit('b0', experimentOf(steps), 'test')).id);
  const [first = '', second = '', third = '', fourth = ''] = ids;
  await lab.order(fourth, second);
  expect((await lab.stop(third)).state).toBe('stopped');
  await expect(lab.order(first, null)).rejects.toMatchObject({ code: 'usage' });
  await expect(lab.pause(second)).rejects.toMatchObject({ code: 'usage' });
  await until(() => stateOf(lab, second)?.state === 'finished', 'all done');
  expect(begun).toEqual([first, fourth, second]);
  await expect(lab.submit('b0', { ...experimentOf(1), calibration: '/etc/passwd' }, 'test')).rejects.toThrow(
    "is named in the daemon's configuration",
  );
  await expect(lab.submit('b9', experimentOf(1), 'test')).rejects.toThrow("There is no board 'b9'.");
});

test('a board answers while one run ends and the next one begins', async () => {
  const { lab } = await labWithOneBoard();
  for (const steps of [2, 2, 2, 2]) await lab.submit('b0', experimentOf(steps), 'test');
  const refused: unknown[] = [];
  const ask = async (question: () => Promise<unknown>) => {
    while (lab.jobs().some(({ state }) => state !== 'finished')) {
      await question().catch((error: unknown) => refused.push(error));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  await Promise.all([ask(() => lab.cells('b0')), ask(() => lab.cells('b0'))]);
  expect(refused).toEqual([]);
});

test('a quarantined board is left alone until it is released', async () => {
  const { lab, batches } = await labWithOneBoard();
  const { id } = await lab.submit('b0', experimentOf(100_000), 'test');
  await until(() => batches() > 5, 'it trains');
  expect(await lab.quarantine('b0', 'It smells.')).toMatchObject({
    state: 'quarantined',
    reason: 'It smells.',
  });
  await until(() => stateOf(lab, id)?.state === 'interrupted', 'its job ends in order');
  expect(stateOf(lab, id)?.reason).toBe('Its board was taken out of service: It smells.');
  await lab.submit('b0', experimentOf(2), 'test');
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(lab.boards()[0]?.state).toBe('quarantined');
  await lab.release('b0');
  // One that was interrupted is gone on with, or given up, before the next one changes the chip.
  await until(() => lab.boards()[0]?.state === 'ready', 'it is back');
  expect(lab.jobs().at(-1)?.state).toBe('queued');
  await lab.stop(id);
  await until(() => lab.jobs().at(-1)?.state === 'finished', 'the next job is done');
});

test('a trainer outside reads, changes and is accounted for as one inside; its session ends when it is idle', async () => {
  const { lab, mock, runs } = await labWithOneBoard();
  const session = await lab.openSession({ board: 'b0', cells: 8, policy: MATCHED, askedBy: 'test' });
  expect(lab.boards()[0]).toMatchObject({ state: 'running', session: session.id, job: null });
  await expect(lab.openSession({ board: 'b0', cells: 8, policy: MATCHED, askedBy: 'other' })).rejects.toThrow(
    'not ready',
  );
  const read = await lab.weights(session.id);
  expect(read.cells.map(({ cell }) => cell)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  const before = read.cells[2]?.weightV ?? 0;
  let moved = 0;
  let energyFJ = 0;
  for (let round = 0; round < 20; round += 1) {
    const [applied] = await lab.apply(session.id, [{ cell: 2, wantedV: 5e-4 }]);
    moved += applied?.appliedV ?? 0;
    energyFJ += applied?.energyFJ ?? 0;
  }
  const after = (await lab.weights(session.id)).cells[2]?.weightV ?? 0;
  // Both sums are of the same readings but for the drift since the last one.
  expect(after - before).toBeCloseTo(moved, 3);
  expect(after - before).toBeGreaterThan(5e-3);
  expect(energyFJ).toBeGreaterThan(0);
  await expect(lab.apply(session.id, [{ cell: 9, wantedV: 1e-4 }])).rejects.toThrow('has no cell 9');
  await until(() => lab.boards()[0]?.session === null, 'it ends by itself');
  await expect(lab.weights(session.id)).rejects.toThrow('There is no such session');
  await until(() => lab.boards()[0]?.state === 'ready', 'the board is free');
  expect(mock.isArmed).toBe(false);
  const content = await contentOf(join(runs, session.runId));
  expect(content).toMatchObject({
    status: 'finished',
    unsettled: 0,
    pulses: pulsesOn(mock),
    purposes: ['bring-up', 'train'],
  });
});

test('SAFE ends a session, and outputs stay at rest', async () => {
  const { lab, mock, runs } = await labWithOneBoard();
  await expect(
    lab.openSession({ board: 'b0', cells: 1_000, policy: MATCHED, askedBy: 'test' }),
  ).rejects.toThrow('has 1000 weights, but board');
  await until(() => lab.boards()[0]?.state === 'ready', 'ready again');
  const session = await lab.openSession({ board: 'b0', cells: 4, policy: MATCHED, askedBy: 'test' });
  expect(mock.isArmed).toBe(true);
  expect(await lab.safe('b0', 'a test')).toEqual({ wasArmed: true });
  expect(mock.isArmed).toBe(false);
  await until(() => lab.boards()[0]?.session === null, 'it is over');
  expect(mock.isArmed).toBe(false);
  const content = await contentOf(join(runs, session.runId));
  expect(content).toMatchObject({ status: 'interrupted', unsettled: 0, pulses: pulsesOn(mock) });
});

test('the array of an idle board is read when it is asked for, with what its nodes have received', async () => {
  const { lab, mock } = await labWithOneBoard();
  const { id } = await lab.submit('b0', experimentOf(5), 'test');
  await until(() => stateOf(lab, id)?.state === 'finished', 'finished');
  const cells = await lab.cells('b0');
  expect(cells.length).toBe(64);
  const applied = cells.map(
    ({ cell }) => mock.pulsesApplied(cell, 'SET') + mock.pulsesApplied(cell, 'RESET'),
  );
  expect(cells.map(({ pulses }) => pulses)).toEqual(applied);
  expect(cells[0]?.chargeFC).toBeGreaterThan(0);
});
