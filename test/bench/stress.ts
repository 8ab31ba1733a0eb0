import type { Gauges } from '../support/stress/gauges.ts';
import { type StressFindings, stress as stressed } from '../support/stress/stress.ts';
import { type Benchmark, number, type Row, text } from './benchmark.ts';
import { withFolder } from './folder.ts';

const DEFAULT_MINUTES = 10;
const S_PER_MIN = 60;
/** The boards alone, which is what all else is compared with, for so much of the time besides. */
const QUIET_SHARE = 0.2;
/** A run of a board is about a twentieth of the time. */
const STEPS_PER_MINUTE = 100;

/** Four boards at full speed with clients, stalled readers, restarts of the database and unplugs, beside the four boards alone. */
export const stress: Benchmark = {
  name: 'stress',
  summary: 'a daemon with everything at once, beside its boards alone; --minutes N for a shorter one',
  run: (note, { minutes = DEFAULT_MINUTES } = {}) =>
    withFolder(async (folder) => {
      const loadedS = minutes * S_PER_MIN;
      const found = await stressed({
        folder,
        quietS: QUIET_SHARE * loadedS,
        loadedS,
        stepsOfRun: Math.ceil(STEPS_PER_MINUTE * minutes),
        note: (line) => note(`stress: ${line}`),
      });
      for (const fault of found.faults) note(`stress: WRONG: ${fault}`);
      noteBooks(found, note);
      const quiet = found.quiet === undefined ? {} : rowOf('four boards alone', found.quiet);
      const loaded = rowOf('everything at once', found.loaded);
      const ratio = Number(loaded['updatesPerS']) / Number(quiet['updatesPerS']);
      return {
        columns,
        rows: [
          { ...quiet, ratio: 1, answers: 0, answeredP50Ms: 0, answeredP99Ms: 0, faults: 0 },
          {
            ...loaded,
            ratio,
            answers: found.answeredMs.length,
            answeredP50Ms: quantile(found.answeredMs, 0.5),
            answeredP99Ms: quantile(found.answeredMs, 0.99),
            faults: found.faults.length,
          },
        ],
      };
    }),
};

const columns = [
  text('case', 'case'),
  number('updates/s', 'updatesPerS', 0),
  number('ratio', 'ratio', 2),
  number('event loop late, p99, ms', 'delayP99Ms', 1),
  number('at worst in 5 s, ms', 'delayWorstMs', 1),
  number('answers', 'answers', 0),
  number('within, p50, ms', 'answeredP50Ms', 1),
  number('p99, ms', 'answeredP99Ms', 0),
  number('daemon, MB', 'daemonMB', 0),
  number('grew by, MB', 'daemonGrowthMB', 1),
  number('4 workers, MB', 'workersMB', 0),
  number('grew by, MB', 'workersGrowthMB', 1),
  number('wrong', 'faults', 0),
];

const rowOf = (name: string, gauges: Gauges): Row => ({
  case: name,
  updatesPerS: gauges.updates / gauges.seconds,
  delayP99Ms: quantile(gauges.delaysP99Ms, 0.5),
  delayWorstMs: quantile(gauges.delaysP99Ms, 1),
  daemonMB: gauges.daemonMemory.mostMB,
  daemonGrowthMB: gauges.daemonMemory.growthMB,
  workersMB: gauges.workersMemory.mostMB,
  workersGrowthMB: gauges.workersMemory.growthMB,
});

/** Of sorted values. */
const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;

function noteBooks(
  { books, loaded, shippedLater, readers, cuts, asked }: StressFindings,
  note: (line: string) => void,
): void {
  const { runs, updates, pulses, points } = books;
  const tenthsMB = loaded.daemonMemory.tenthsMB.map((most) => Math.round(most));
  note(`stress: memory of the daemon in each tenth of the time: ${tenthsMB.join(', ')} MB`);
  note(`stress: ${runs} runs, ${updates} updates, ${pulses} pulses by boards and files`);
  note(`stress: ${points} points in the database, ${shippedLater} of them shipped afterwards`);
  const events = readers.map((reader) => `${reader.events}, ${reader.missed} missed`);
  note(`stress: events of three readers: ${events.join('; ')}; stalled ones were cut ${cuts} times`);
  for (const { name, byStatus } of asked)
    note(`stress: ${name}: ${[...byStatus].map(([status, count]) => `${count} of ${status}`).join(', ')}`);
}
