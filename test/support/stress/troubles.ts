import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchOfBoards } from './bench-of-boards.ts';
import type { JobFeeder } from './job-feeder.ts';

const MS_PER_S = 1e3;
const UNPLUGGED_MS = 3_000;

/** What is done to a bench under load, and after which share of the time. */
const troubles: readonly {
  readonly after: number;
  readonly what: string;
  readonly act: (bench: BenchOfBoards, feeder: JobFeeder) => unknown;
}[] = [
  { after: 0.15, what: 'InfluxDB is killed', act: ({ influxd }) => influxd.kill('SIGKILL') },
  { after: 0.2, what: 'InfluxDB is back', act: ({ influxd }) => influxd.restart() },
  { after: 0.3, what: 'board b0 is unplugged', act: ({ boards }) => boards[0]?.unplug(UNPLUGGED_MS) },
  { after: 0.4, what: 'the run of b1 is paused', act: (_, feeder) => feeder.steer('b1', 'pauseJob') },
  { after: 0.45, what: 'it goes on', act: (_, feeder) => feeder.steer('b1', 'resumeJob') },
  { after: 0.5, what: 'the run of b2 is stopped', act: (_, feeder) => feeder.steer('b2', 'stopJob') },
  { after: 0.6, what: 'board b3 is unplugged', act: ({ boards }) => boards[3]?.unplug(UNPLUGGED_MS) },
  { after: 0.7, what: 'InfluxDB is killed again', act: ({ influxd }) => influxd.kill('SIGKILL') },
  { after: 0.8, what: 'InfluxDB is back', act: ({ influxd }) => influxd.restart() },
];

/** Has all of them happen in so much time. */
export async function letTroublesHappen(
  bench: BenchOfBoards,
  feeder: JobFeeder,
  { forS, note }: { readonly forS: number; readonly note: (line: string) => void },
): Promise<void> {
  const startMs = performance.now();
  const until = async (share: number) =>
    sleep(Math.max(0, startMs + share * forS * MS_PER_S - performance.now()));
  for (const { after, what, act } of troubles) {
    await until(after);
    note(`${Math.round(after * forS)} s: ${what}`);
    await act(bench, feeder);
  }
  await until(1);
}
