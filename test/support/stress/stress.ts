import { setTimeout as sleep } from 'node:timers/promises';
import { asDatabase1, Server } from '../../../src/influx/server.ts';
import { parseTarget } from '../../../src/influx/target.ts';
import { listRunIds } from '../../../src/store/run-folder.ts';
import { spawnFnloop } from '../command-line.ts';
import { INFLUX_USER } from '../influxd.ts';
import { ApiLoad, type Asked } from './api-load.ts';
import { type BenchOfBoards, startBench } from './bench-of-boards.ts';
import type { BoardTruth } from './board-process.ts';
import { auditedBooks, type Books } from './books.ts';
import { AttentiveReader, StalledReader } from './event-readers.ts';
import { Gauges } from './gauges.ts';
import { JobFeeder } from './job-feeder.ts';
import { untold } from './told.ts';
import { letTroublesHappen } from './troubles.ts';

export interface StressPlan {
  readonly folder: string;
  /** The boards train alone for so long first; 0 for not at all. */
  readonly quietS: number;
  readonly loadedS: number;
  readonly stepsOfRun: number;
  readonly note: (line: string) => void;
}

/** What came of it. */
export interface StressFindings {
  readonly quiet: Gauges | undefined;
  readonly loaded: Gauges;
  readonly asked: readonly Asked[];
  /** How long answers took; sorted. */
  readonly answeredMs: readonly number[];
  readonly readers: readonly AttentiveReader[];
  /** How often readers that stall were cut. */
  readonly cuts: number;
  /** Rows that were still to be shipped when the daemon ended. */
  readonly shippedLater: number;
  readonly books: Books;
  /** All that is not as it has to be. */
  readonly faults: readonly string[];
}

const CLIENTS = 20;
const STALLED = 2;
const MS_PER_S = 1e3;
/** Level of an error in a line of the daemon's log. */
const ERROR_LEVEL = 50;

/**
 * Four boards train as fast as they can while clients ask, readers of events read or stall, the database is killed twice, boards are
 * unplugged, and a run is paused and another one stopped; then everything is compared with everything.
 */
export async function stress(plan: StressPlan): Promise<StressFindings> {
  const bench = await startBench(plan.folder);
  try {
    return await stressed(bench, plan);
  } finally {
    await bench.close();
  }
}

async function stressed(bench: BenchOfBoards, plan: StressPlan): Promise<StressFindings> {
  const { boards, client, url, pid } = bench;
  const { quietS, loadedS, stepsOfRun, note } = plan;
  const names = boards.map(({ name }) => name);
  const feeder = new JobFeeder(client, names, stepsOfRun);
  await feeder.start();
  const quiet = quietS > 0 ? new Gauges(url, pid) : undefined;
  if (quiet !== undefined) {
    note(`four boards alone for ${quietS} s ...`);
    await during(quiet, () => sleep(quietS * MS_PER_S));
  }
  const readers = [
    await AttentiveReader.start(client, {}),
    await AttentiveReader.start(client, { kinds: 'step' }),
    await AttentiveReader.start(client, { board: 'b0', kinds: 'step,job' }),
  ];
  const begunEarlier = new Set(feeder.jobs.flatMap(({ runId }) => runId ?? []));
  const stalled = Array.from({ length: STALLED }, () => new StalledReader(url));
  const load = new ApiLoad(url, CLIENTS, () => feeder.known);
  const loaded = new Gauges(url, pid);
  note(`and with ${CLIENTS} clients and troubles for ${loadedS} s ...`);
  await during(loaded, () => letTroublesHappen(bench, feeder, { forS: loadedS, note }));
  await load.end();
  await feeder.end();

  note('every run has ended; comparing ...');
  const faults: string[] = [...load.defects];
  for (const reader of readers) faults.push(...(await untold(reader, feeder.jobs, bench.runs, begunEarlier)));
  for (const reader of [...readers, ...stalled]) await reader.end();
  faults.push(...(await endOf(bench)));
  const shippedLater = await shippedRest(bench);
  const books = await booksOf(bench);
  return {
    ...{ quiet, loaded, readers, shippedLater, books },
    ...{ asked: load.asked, answeredMs: load.answeredMs },
    cuts: stalled.reduce((sum, reader) => sum + reader.cuts, 0),
    faults: [...faults, ...books.faults],
  };
}

async function during(gauges: Gauges, act: () => Promise<unknown>): Promise<void> {
  await gauges.start();
  await act();
  await gauges.end();
}

/** Ends the daemon in order; what it logged as an error is a fault. */
async function endOf({ daemon }: BenchOfBoards): Promise<string[]> {
  daemon.child.kill('SIGTERM');
  const { code, stderr } = await daemon.ended;
  const errors = stderr
    .trim()
    .split('\n')
    .filter((line) => line.startsWith('{') && Number(JSON.parse(line).level) >= ERROR_LEVEL);
  return [...(code === 0 ? [] : [`The daemon ended with status ${code}.`]), ...errors];
}

/** What could not be shipped while the database was away is shipped now, as its owner would. Returns how many points that were. */
async function shippedRest({ runs, influxd, database }: BenchOfBoards): Promise<number> {
  const target = ['--influx', influxd.address(database), '--runs', runs, '--json'];
  const ship = spawnFnloop(['influx', 'ship', ...listRunIds(runs), ...target], INFLUX_USER);
  const { code, stdout, stderr } = await ship.ended;
  if (code !== 0) throw new Error(`fnloop influx ship exited with ${code}: ${stderr}`);
  return (JSON.parse(stdout) as { stored: number }[]).reduce((sum, { stored }) => sum + stored, 0);
}

async function booksOf({ boards, runs, influxd, database }: BenchOfBoards): Promise<Books> {
  const truths = new Map<string, BoardTruth>();
  for (const board of boards) truths.set(board.name, await board.truth());
  const { INFLUX_USERNAME: username, INFLUX_PASSWORD: password } = INFLUX_USER;
  const target = asDatabase1(parseTarget(influxd.address(database)));
  return auditedBooks(runs, truths, new Server(target, { username, password }));
}
