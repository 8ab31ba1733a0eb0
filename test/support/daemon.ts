import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import {
  createMockBoard,
  type FaultScript,
  type MockBoard,
  serveTcp,
  type WireEnd,
  wireOf,
} from '../../mocks/index.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { readExperiment } from '../../src/config/experiment-file.ts';
import { systemClock } from '../../src/core/clock.ts';
import { readDaemonConfig } from '../../src/daemon/config.ts';
import { JobQueue } from '../../src/daemon/job-queue.ts';
import type { KeptJob } from '../../src/daemon/job-queue-format.ts';
import { Supervisor, type SupervisorParts } from '../../src/daemon/supervisor.ts';
import { WorkerProcess } from '../../src/daemon/worker-process.ts';
import { RunReader } from '../../src/store/run-reader.ts';
import { usageOf } from '../../src/store/run-usage.ts';
import { startServing } from './fnloop.ts';
import { temporaryFolder } from './folder.ts';

const WORKER = join(import.meta.dirname, '..', '..', 'dist', 'src', 'daemon', 'worker', 'main.js');

/** Writes a daemon's configuration over which a test may write another one; boards by name and address. */
export function daemonConfig(boards: Readonly<Record<string, string>>, more: object = {}) {
  const folder = temporaryFolder();
  const file = join(folder, 'daemon.yaml');
  const runs = join(folder, 'runs');
  const write = (changed: Readonly<Record<string, string>>, changes: object = {}) => {
    const settings = Object.entries(changed).map(([name, address]) => [
      name,
      { address, device: 'dam-a', patienceS: 20 },
    ]);
    writeFileSync(
      file,
      stringify({
        runs,
        boards: Object.fromEntries(settings),
        disk: { leastFreeGB: 0 },
        listen: { port: 0 },
        ...changes,
      }),
    );
  };
  write(boards, more);
  return { file, runs, write };
}

/** The shipped experiment with so many steps, for a board by whatever address. */
export function experimentOf(steps: number, changes: Partial<Experiment> = {}): Experiment {
  const experiment = readExperiment('breast-cancer');
  return { ...experiment, method: { ...experiment.method, steps }, ...changes };
}

/** Puts a job into the queue that the next daemon finds. */
export const enqueue = (runs: string, board: string, address: string, steps: number): KeptJob =>
  JobQueue.open(runs).add({
    board,
    experiment: experimentOf(steps, { board: address }),
    askedBy: 'test',
    askedWallNs: '1',
  });

export const jobsIn = (runs: string): readonly KeptJob[] => JobQueue.open(runs).all;

/** `fnloop daemon` as a process of its own, once it is ready. */
export const startDaemon = (file: string) => startServing('daemon', '--config', file);

/** The lab of a configuration in this process, closed when the test ends; its boards have processes of their own. */
export function labOf(file: string, parts: Partial<SupervisorParts> = {}) {
  const config = readDaemonConfig(file);
  const logged: string[] = [];
  const lab = new Supervisor({
    config,
    queue: JobQueue.open(config.runs),
    clock: systemClock,
    startWorker: (ears) => new WorkerProcess(WORKER, ears),
    log: (level, text, about) => logged.push(`${level} ${about?.board ?? ''} ${text}`),
    ...parts,
  });
  onTestFinished(() => lab.close());
  lab.start();
  return { lab, logged, config };
}

/** A mock of this process, whose truth the test sees, at an address for others. Rates of faults may be changed at any time. */
export async function servedMock(seed = 1, faults?: FaultScript) {
  const mock = createMockBoard({ preset: 'dam-a', cells: 64, seed });
  const wire = wireOf(mock, { faults });
  let batches = 0;
  const end: WireEnd = {
    onSend: () => {},
    receive: (bytes) => {
      if (bytes.includes(' RUN ')) batches += 1;
      wire.receive(bytes);
    },
  };
  wire.onSend = (bytes) => end.onSend(bytes);
  const served = await serveTcp(end, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => served.close());
  return { mock, address: `tcp:127.0.0.1:${served.port}`, batches: () => batches };
}

export async function until(isSo: () => boolean, what: string, withinMs = 20_000): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What the board of a folder of runs was charged with, and whether a run is still open on it. */
export function boardStates(
  runs: string,
): { readonly openRun: string | null; readonly pulses: readonly number[] }[] {
  const folder = join(runs, 'boards');
  return readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));
}

/** Pulses of each node, S then R of each cell, by the mock's own count. */
export const pulsesOn = (mock: MockBoard): number[] =>
  Array.from({ length: 64 }, (_, cell) => [
    mock.pulsesApplied(cell, 'SET'),
    mock.pulsesApplied(cell, 'RESET'),
  ]).flat();

/** What the file of a run says of each node's pulses, and whether all of them are accounted for. */
export const pulsesRecorded = (runs: string, runId: string | null | undefined) =>
  RunReader.with(join(runs, runId ?? ''), async (run) => {
    const { nodes, unsettled } = await usageOf(run);
    const pulses = Array.from({ length: 128 }, (_, node) => nodes.of(node).pulses);
    return { status: run.manifest.status, unsettled, pulses };
  });
