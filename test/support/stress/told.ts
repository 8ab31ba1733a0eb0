import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../../../src/daemon/lab.ts';
import { stepsOf } from './books.ts';
import type { AttentiveReader } from './event-readers.ts';

const PATIENCE_MS = 10_000;

/** What a reader should have been told and was not, once it had time to hear it. `earlier` are runs that began before it. */
export async function untold(
  reader: AttentiveReader,
  jobs: readonly Job[],
  runs: string,
  earlier: ReadonlySet<string>,
): Promise<string[]> {
  const heard = jobs.filter(({ board }) => board === (reader.query?.board ?? board));
  const inFiles = new Map<string, readonly number[]>();
  for (const job of heard) if (job.runId !== null) inFiles.set(job.runId, await stepsOf(runs, job));
  const find = () =>
    [...inFiles].flatMap(([runId, steps]) => {
      const told = reader.stepsOf.get(runId) ?? [];
      const expected = earlier.has(runId) ? steps.slice(steps.length - told.length) : steps;
      const isWhole = told.length === expected.length && told.every((step, at) => step === expected[at]);
      return isWhole ? [] : [`${told.length} of ${expected.length} steps of run ${runId} in order`];
    });
  const endMs = performance.now() + PATIENCE_MS;
  while (find().length > 0 && performance.now() < endMs) await sleep(100);
  return find().map((fault) => `A reader of ${JSON.stringify(reader.query)} was told ${fault}.`);
}
