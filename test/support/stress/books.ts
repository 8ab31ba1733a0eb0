import { join } from 'node:path';
import { hasEnded, JobQueue } from '../../../src/daemon/job-queue.ts';
import type { KeptJob } from '../../../src/daemon/job-queue-format.ts';
import type { Server } from '../../../src/influx/server.ts';
import { verifyRun } from '../../../src/influx/verify.ts';
import { RunReader } from '../../../src/store/run-reader.ts';
import { usageOf } from '../../../src/store/run-usage.ts';
import { accountsOf } from '../run-accounts.ts';
import type { BoardTruth } from './board-process.ts';

/** What a daemon left, compared with boards and database; `faults` has each thing that is not as it has to be. */
export interface Books {
  readonly runs: number;
  readonly updates: number;
  readonly pulses: number;
  /** In the database. */
  readonly points: number;
  readonly faults: readonly string[];
}

/** Compares the runs of all jobs with what the boards counted themselves, by name, and with a database. */
export async function auditedBooks(
  runs: string,
  truths: ReadonlyMap<string, BoardTruth>,
  server: Server,
): Promise<Books> {
  const jobs = JobQueue.open(runs).all;
  const faults = jobs
    .filter((job) => !hasEnded(job) || job.state === 'failed')
    .map(({ id, state, reason }) => `Job ${id} is ${state}: ${reason}`);
  const begun = jobs.flatMap(({ board, runId }) => (runId === null ? [] : [{ board, runId }]));
  const recorded = new Map<string, number[]>([...truths.keys()].map((board) => [board, []]));
  let [updates, points] = [0, 0];
  for (const { board, runId } of begun) {
    const found = await auditedRun(join(runs, runId), server);
    faults.push(...found.faults.map((fault) => `Run ${runId}: ${fault}`));
    updates += found.updates;
    points += found.points;
    const sums = recorded.get(board) ?? [];
    found.pulses.forEach((pulses, node) => {
      sums[node] = (sums[node] ?? 0) + pulses;
    });
  }
  for (const [board, { pulses, isArmed }] of truths) {
    if (isArmed) faults.push(`Board ${board} was left armed.`);
    pulses.forEach((onBoard, node) => {
      const inRuns = recorded.get(board)?.[node] ?? 0;
      if (inRuns !== onBoard)
        faults.push(`Node ${node} of board ${board} had ${onBoard} pulses, its runs have ${inRuns}.`);
    });
  }
  const pulses = [...truths.values()].flatMap((truth) => truth.pulses).reduce((sum, each) => sum + each, 0);
  return { runs: begun.length, updates, pulses, points, faults };
}

const NODES = 128;

async function auditedRun(folder: string, server: Server) {
  const { sums = {} } = await accountsOf(folder);
  const faults: string[] = [];
  const equal = (names: readonly string[]) => {
    const values = names.map((name) => sums[name] ?? 0);
    if (new Set(values).size > 1) faults.push(`${names.join(', ')} are ${values.join(', ')}.`);
  };
  equal(['updates', 'differentUpdates', 'updatesOfSteps']);
  equal(['pulses', 'pulsesOfUpdates', 'pulsesOfSteps']);
  for (const name of ['lostUpdates', 'unaccounted', 'open', 'sameTimes'])
    if (sums[name] !== 0) faults.push(`${name} is ${sums[name]}.`);
  return RunReader.with(folder, async (run) => {
    const { nodes, unsettled } = await usageOf(run);
    if (unsettled !== 0) faults.push(`${unsettled} batches or pulses are not settled.`);
    const { differences, points } = await verifyRun(run, server);
    for (const { measurement, field, property, inFile, inDatabase } of differences)
      faults.push(`${property} of ${measurement}.${field} is ${inFile}, in the database ${inDatabase}.`);
    return {
      faults,
      updates: sums['updates'] ?? 0,
      points: Object.values(points).reduce((sum, each) => sum + each, 0),
      pulses: Array.from({ length: NODES }, (_, node) => nodes.of(node).pulses),
    };
  });
}

/** Steps of the run of a job, as its file has them. */
export const stepsOf = (runs: string, { runId }: KeptJob): Promise<number[]> =>
  runId === null
    ? Promise.resolve([])
    : RunReader.with(join(runs, runId), async (run) => (await run.rows('steps')).map(({ step }) => step));
