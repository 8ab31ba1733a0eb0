import { join } from 'node:path';
import { Influxd } from '../support/influxd.ts';
import { type Benchmark, number, type Row, share, text } from './benchmark.ts';
import { fnloop, type Watched, watchedFnloop } from './fnloop.ts';
import { withFolder } from './folder.ts';
import { type LineFile, lineFile, longRun } from './long-run.ts';
import { postedRaw } from './raw-posts.ts';

const DEFAULT_UPDATES = 1_000_000;
/** Raw posts are of no more lines, and are repeated around as many shipments as one run of the machine is worth. */
const RAW_POINTS = 1_000_000;
const PAIRS = 3;
const PACED_UPDATES = 60_000;

interface Bench {
  readonly influxd: Influxd;
  readonly run: string;
  readonly updates: number;
  readonly note: (line: string) => void;
}

/**
 * Shipping a recorded run to the real server beside posting the same lines raw; the same with fnloop and the server killed
 * in the middle; and a paced run with and without it.
 */
export const influx: Benchmark = {
  name: 'influx',
  summary: 'shipping to InfluxDB beside raw posts, with memory; --updates N for a larger run',
  run: (note, { updates = DEFAULT_UPDATES } = {}) =>
    withFolder(async (folder) => {
      const influxd = await Influxd.start();
      process.once('exit', () => void influxd.kill());
      try {
        const rows: Row[] = [];
        const found = (row: Row) => {
          rows.push(row);
          note(`influx: ${JSON.stringify(row)}`);
        };
        note(`influx: a run of ${updates} updates ...`);
        const bench = { influxd, run: await longRun(folder, updates), updates, note };
        const lines = await lineFile(bench.run, join(folder, 'lines'), RAW_POINTS);
        const shipped = await shippedBesideRaw(bench, lines);
        found(shipped);
        found(await killed(bench, Number(shipped['perS'])));
        note('influx: 1,000,000 baud, alone and shipped ...');
        for (const row of await paced(folder, influxd)) found(row);
        return { rows, columns };
      } finally {
        await influxd.close();
      }
    }),
};

const columns = [
  text('case', 'case'),
  number('a second', 'perS', 0),
  number('baseline, a second', 'baselinePerS', 0),
  number('ratio', 'ratio', 3),
  number('memory grew by, MB', 'growthMB', 1),
  number('to at most, MB', 'mostMB', 0),
  share('of the run', 'share'),
];

/** Raw, shipped, raw, shipped, raw: each shipment beside the posts before and after it. The middle one counts. */
async function shippedBesideRaw(bench: Bench, lines: LineFile): Promise<Row> {
  const { influxd, updates, note } = bench;
  let pair = 0;
  const raw = async () => {
    pair += 1;
    note(`influx: ${lines.posts.length} posts of ready lines ...`);
    return inDatabase(influxd, `raw${pair}`, (database) => postedRaw(lines, influxd.port, database));
  };
  const found: Row[] = [];
  let [growthMB, mostMB] = [0, 0];
  let beforePerS = await raw();
  while (found.length < (updates > RAW_POINTS ? 1 : PAIRS)) {
    note('influx: shipped ...');
    const shipped = await inDatabase(influxd, `shipped${pair}`, async (database) => {
      const drained = drainedOf(await watchedFnloop(shipParameters(bench, database)));
      await verified(bench, database);
      return drained;
    });
    const afterPerS = await raw();
    const baselinePerS = 2 / (1 / beforePerS + 1 / afterPerS);
    beforePerS = afterPerS;
    growthMB = Math.max(growthMB, shipped.growthMB);
    mostMB = Math.max(mostMB, shipped.mostMB);
    found.push({
      case: `shipped, beside ${updates > RAW_POINTS ? `${RAW_POINTS} of` : ''} the same lines posted raw`,
      perS: shipped.perS,
      baselinePerS,
      ratio: shipped.perS / baselinePerS,
      share: shipped.points / updates,
    });
    note(`influx: ${JSON.stringify(found.at(-1))}`);
  }
  const [middle = {}] = found
    .sort((one, other) => Number(one['ratio']) - Number(other['ratio']))
    .slice(found.length >> 1);
  return { ...middle, growthMB, mostMB };
}

/** Killed in the middle with -9, fnloop first, then the server; another fnloop ships the rest. */
async function killed(bench: Bench, perS: number): Promise<Row> {
  const { influxd, updates, note } = bench;
  return inDatabase(influxd, 'killed', async (database) => {
    note('influx: shipped by a process that is killed in the middle, as is the server ...');
    const first = await watchedFnloop(shipParameters(bench, database), (500 * updates) / perS);
    await influxd.kill();
    await influxd.restart();
    const rest = drainedOf(await watchedFnloop(shipParameters(bench, database)));
    await verified(bench, database);
    return {
      case: 'fnloop and server killed in the middle: the rest',
      perS: rest.perS,
      baselinePerS: perS,
      ratio: rest.perS / perS,
      growthMB: Math.max(first.growthMB, rest.growthMB),
      mostMB: Math.max(first.mostMB, rest.mostMB),
      share: rest.points / updates,
    };
  });
}

async function inDatabase<T>(
  influxd: Influxd,
  database: string,
  use: (database: string) => Promise<T>,
): Promise<T> {
  await influxd.query('', `CREATE DATABASE ${database}`);
  const result = await use(database);
  await influxd.query('', `DROP DATABASE ${database}`);
  return result;
}

const shipParameters = ({ influxd, run }: Bench, database: string): string[] => [
  ...['influx', 'ship', run, '--influx', influxd.address(database), '--json'],
];

interface Drained {
  readonly points: number;
  readonly perS: number;
  readonly growthMB: number;
  readonly mostMB: number;
}

function drainedOf({ stdout, growthMB, mostMB }: Watched): Drained {
  const [result] = JSON.parse(stdout) as { stored: number; perS: number; waiting: number }[];
  if (result === undefined || result.waiting > 0) throw new Error(`not all of it arrived: ${stdout}`);
  return { points: result.stored, perS: result.perS, growthMB, mostMB };
}

async function verified({ influxd, run, updates, note }: Bench, database: string): Promise<void> {
  const startMs = performance.now();
  await fnloop(['influx', 'verify', run, '--influx', influxd.address(database), '--json']);
  const seconds = (performance.now() - startMs) / 1e3;
  note(
    `influx: ${updates} updates of run file and database ${database} are equal, in ${seconds.toFixed(1)} s`,
  );
}

async function paced(folder: string, influxd: Influxd): Promise<Row[]> {
  const soak = async (name: string, ...options: string[]): Promise<number> => {
    const stdout = await fnloop([
      ...['soak', '--board', 'mock:dam-a?baud=1000000', '--updates', `${PACED_UPDATES}`, '--json'],
      ...['--runs', join(folder, name), ...options],
    ]);
    return (JSON.parse(stdout) as { updatesPerS: number }).updatesPerS;
  };
  return inDatabase(influxd, 'paced', async (database) => {
    const alone = await soak('alone');
    const shippedPerS = await soak('with', '--influx', influxd.address(database));
    return [
      {
        case: 'run at 1,000,000 baud, beside one that is not shipped',
        perS: shippedPerS,
        baselinePerS: alone,
        ratio: shippedPerS / alone,
        growthMB: 0,
        mostMB: 0,
        share: 1,
      },
    ];
  });
}
