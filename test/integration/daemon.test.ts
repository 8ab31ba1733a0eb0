import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { RunReader } from '../../src/store/run-reader.ts';
import { usageOf } from '../../src/store/run-usage.ts';
import {
  boardStates,
  daemonConfig,
  enqueue,
  experimentOf,
  jobsIn,
  labOf,
  pulsesOn,
  servedMock,
  startDaemon,
  until,
} from '../support/daemon.ts';
import { startMock } from '../support/fnloop.ts';
import { temporaryFolder } from '../support/folder.ts';
import { childrenOf } from '../support/processes.ts';

/** Pulses of each node that a run file has, and whether all of it is settled and accounted for. */
const recordedIn = (folder: string) =>
  RunReader.with(folder, async (run) => {
    const { nodes, unsettled } = await usageOf(run);
    const pulses = Array.from({ length: 128 }, (_, node) => nodes.of(node).pulses);
    const intents = (await run.rows('intents')).length - (await run.rows('outcomes')).length;
    return { status: run.manifest.status, pulses, unsettled, openIntents: intents };
  });

test('a board that talks garbage and one that is not there leave the third alone, which trains to the end', async () => {
  const garbage = createServer((socket) => {
    const babble = setInterval(() => socket.write('\u0007}#garbage*0000\n'), 20);
    socket.on('close', () => clearInterval(babble)).on('error', () => {});
  });
  await new Promise<void>((resolve) => garbage.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void garbage.close());
  const { port } = garbage.address() as { port: number };
  const { address, mock } = await servedMock();
  const { file, runs } = daemonConfig({
    good: address,
    garbage: `tcp:127.0.0.1:${port}`,
    gone: `serial:${temporaryFolder()}/board`,
  });
  const { lab } = labOf(file);
  await expect(lab.cells('gone')).rejects.toMatchObject({ code: 'link-lost' });
  const { id } = await lab.submit('good', experimentOf(30), 'test');
  const stateOf = (name: string) => lab.boards().find((board) => board.name === name);
  await until(() => stateOf('gone')?.state === 'absent', 'absent');
  await until(() => stateOf('garbage')?.state === 'fault', 'fault');
  expect(stateOf('gone')?.reason).toContain('There is no serial port');
  await until(() => lab.jobs()[0]?.state === 'finished', 'finished');
  const [job] = lab.jobs();
  expect(job).toMatchObject({ id, reason: null, progress: { step: 30, steps: 30 } });
  const recorded = await recordedIn(join(runs, job?.runId ?? ''));
  expect(recorded).toMatchObject({ status: 'finished', unsettled: 0, pulses: pulsesOn(mock) });
  expect(mock.isArmed).toBe(false);
});

test('an unplugged board comes back and its run goes on', async () => {
  const folder = temporaryFolder();
  const pty = join(folder, 'board');
  const parameters = ['--pty', pty, '--seed', '3', '--faults', 'unplug:1@400'];
  const { ready } = await startMock(...parameters);
  const { file } = daemonConfig({ b0: ready.address });
  const { lab } = labOf(file);
  const states: string[] = [];
  lab.events$.subscribe((event) => {
    if (event.kind === 'board') states.push(event.board.state);
  });
  await lab.submit('b0', experimentOf(60), 'test');
  await until(() => lab.jobs()[0]?.state === 'finished', 'finished');
  expect(states.join()).toMatch(/running,(running,)*connecting,(connecting,)*running/);
  expect(lab.boards()[0]?.link?.reconnects).toBeGreaterThan(0);
});

test('SIGTERM: within 5 s outputs are at rest, files are closed, and the job says why it ended', async () => {
  const boards = [await servedMock(1), await servedMock(2)] as const;
  const { file, runs } = daemonConfig({ b0: boards[0].address, b1: boards[1].address });
  enqueue(runs, 'b0', boards[0].address, 100_000);
  enqueue(runs, 'b1', boards[1].address, 100_000);
  const { child, ended } = await startDaemon(file);
  await until(() => boards.every(({ batches }) => batches() > 15), 'both train');
  expect(boards.map(({ mock }) => mock.isArmed)).toEqual([true, true]);
  const workers = childrenOf(child.pid ?? 0);
  expect(workers.length).toBe(2);
  const startMs = performance.now();
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
  expect(performance.now() - startMs).toBeLessThan(5_000);
  expect(boards.map(({ mock }) => mock.isArmed)).toEqual([false, false]);
  for (const [index, job] of jobsIn(runs).entries()) {
    expect(job).toMatchObject({ state: 'interrupted', reason: 'The daemon was ended while it ran.' });
    const recorded = await recordedIn(join(runs, job.runId ?? ''));
    expect(recorded).toMatchObject({ status: 'interrupted', unsettled: 0, openIntents: 0 });
    expect(recorded.pulses).toEqual(pulsesOn(boards[index]?.mock ?? boards[0].mock));
  }
  for (const pid of workers) expect(() => process.kill(pid, 0)).toThrow();
});

test('kill -9 of the daemon: its workers bring outputs to rest by themselves', async () => {
  const { mock, address, batches } = await servedMock();
  const { file, runs } = daemonConfig({ b0: address });
  enqueue(runs, 'b0', address, 100_000);
  const { child } = await startDaemon(file);
  await until(() => batches() > 15, 'it trains');
  const [worker = 0] = childrenOf(child.pid ?? 0);
  child.kill('SIGKILL');
  await until(() => !isAlive(worker), 'the worker ends');
  expect(mock.isArmed).toBe(false);
  const [job] = jobsIn(runs);
  // The file of jobs is as the daemon left it; that of the run is whole.
  expect(job?.state).toBe('running');
  expect(await recordedIn(join(runs, job?.runId ?? ''))).toMatchObject({
    status: 'interrupted',
    unsettled: 0,
    pulses: pulsesOn(mock),
  });
  const again = await startDaemon(file);
  await until(() => jobsIn(runs)[0]?.state === 'interrupted', 'judged');
  again.child.kill('SIGTERM');
  await again.ended;
});

/** Until the file of a run that was cut off says so, and nobody holds it. */
async function untilMarked(folder: string): Promise<void> {
  for (;;) {
    const { status } = await recordedIn(folder).catch(() => ({ status: 'held' }));
    if (status === 'interrupted') return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const isAlive = (pid: number): boolean => {
  try {
    // One that has ended and nobody waited for is not alive.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

test('a power cut: daemon and workers die in mid-run; after a restart board, board record and run files agree', async () => {
  const boards = [await servedMock(1), await servedMock(2)] as const;
  const { file, runs } = daemonConfig({ b0: boards[0].address, b1: boards[1].address });
  enqueue(runs, 'b0', boards[0].address, 100_000);
  enqueue(runs, 'b1', boards[1].address, 100_000);
  const { child, ended } = await startDaemon(file);
  await until(() => boards.every(({ batches }) => batches() > 25), 'both train');
  for (const pid of [...childrenOf(child.pid ?? 0), child.pid ?? 0]) process.kill(pid, 'SIGKILL');
  await ended;
  const again = await startDaemon(file);
  for (const { runId } of jobsIn(runs)) await untilMarked(join(runs, runId ?? ''));
  again.child.kill('SIGTERM');
  await again.ended;
  const charged = boardStates(runs).map(({ pulses }) => pulses);
  for (const [index, job] of jobsIn(runs).entries()) {
    const truth = pulsesOn(boards[index]?.mock ?? boards[0].mock);
    expect(await recordedIn(join(runs, job.runId ?? ''))).toMatchObject({
      status: 'interrupted',
      unsettled: 0,
      openIntents: 0,
      pulses: truth,
    });
    expect(charged).toContainEqual(truth);
  }
});

test('a worker that dies is a fault of its board: the other trains on, and the board comes back', async () => {
  const boards = [await servedMock(1), await servedMock(2)] as const;
  const { file, runs } = daemonConfig({ b0: boards[0].address, b1: boards[1].address });
  const { lab } = labOf(file);
  const first = await lab.submit('b0', experimentOf(100_000), 'test');
  const second = await lab.submit('b1', experimentOf(60), 'test');
  await until(() => boards.every(({ batches }) => batches() > 10), 'both train');
  process.kill(lab.pidOf('b0') ?? 0, 'SIGKILL');
  await until(() => lab.boards()[0]?.state === 'ready', 'back');
  const job = () => lab.jobs().find(({ id }) => id === first.id);
  expect(job()).toMatchObject({ state: 'interrupted', reason: 'The process of its board ended: SIGKILL.' });
  await until(
    () => lab.jobs().find(({ id }) => id === second.id)?.state === 'finished',
    'the other finishes',
  );
  expect(await recordedIn(join(runs, job()?.runId ?? ''))).toMatchObject({
    status: 'interrupted',
    unsettled: 0,
    pulses: pulsesOn(boards[0].mock),
  });
});

test('SIGHUP adds a board while a run goes on; a broken file is refused and everything stays', async () => {
  const boards = [await servedMock(1), await servedMock(2)] as const;
  const { file, runs, write } = daemonConfig({ b0: boards[0].address });
  enqueue(runs, 'b0', boards[0].address, 100_000);
  const { child, ended } = await startDaemon(file);
  await until(() => boards[0].batches() > 10, 'it trains');
  write({ b0: boards[0].address, b1: 'tpc:nowhere' });
  child.kill('SIGHUP');
  await new Promise((resolve) => setTimeout(resolve, 300));
  write({ b0: boards[0].address, b1: boards[1].address });
  child.kill('SIGHUP');
  await until(() => childrenOf(child.pid ?? 0).length === 2, 'a second worker');
  const before = boards[0].batches();
  await until(() => boards[0].batches() > before + 10, 'it trains on');
  child.kill('SIGTERM');
  const { stderr, code } = await ended;
  expect(code).toBe(0);
  const lines = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { msg: string; problems?: string[] });
  const refused = lines.find(({ msg }) => msg.startsWith('The configuration stays as it was'));
  expect(refused?.problems?.join()).toContain("'tpc:nowhere' is not a board address");
  expect(jobsIn(runs)[0]?.state).toBe('interrupted');
});

test('too little space: a job waits, and begins once there is enough', async () => {
  const { address, batches } = await servedMock();
  const { file, runs, write } = daemonConfig({ b0: address }, { disk: { leastFreeGB: 900_000 } });
  enqueue(runs, 'b0', address, 5);
  const { child, ended } = await startDaemon(file);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect([jobsIn(runs)[0]?.state, batches()]).toEqual(['queued', 0]);
  write({ b0: address });
  child.kill('SIGHUP');
  await until(() => jobsIn(runs)[0]?.state === 'finished', 'finished');
  child.kill('SIGTERM');
  expect((await ended).stderr).toContain('Less than 900000 GB are free');
});
