import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, openSync, readFileSync, readSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChunkReader } from '../../src/influx/chunks.ts';
import { Database } from '../../src/store/database.ts';
import { Spool } from '../../src/store/spool.ts';
import { INFLUX_USER, Influxd } from '../support/influxd.ts';
import { type Benchmark, number, type Row, share, text } from './benchmark.ts';
import { withFolder } from './folder.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const DEFAULT_UPDATES = 1_000_000;
const PACED_UPDATES = 60_000;
const BYTES_PER_MB = 1e6;
const ROWS_OF_CHUNK = 8000;
/** The share of a drain after which memory counts as warmed up. */
const WARM_SHARE = 0.1;
const LOOK_EVERY_MS = 200;

/** Shipping a recorded run to the real server beside posting the same lines raw, and a paced run with and without it. */
export const influx: Benchmark = {
  name: 'influx',
  summary: 'shipping to InfluxDB beside raw posts; --updates N for a larger run',
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
        const run = await madeRun(folder, updates);
        for (const database of ['raw', 'raw2', 'shipped', 'killed', 'paced'])
          await influxd.query('', `CREATE DATABASE ${database}`);
        note('influx: the same lines, posted raw ...');
        const lines = await lineFile(run, join(folder, 'lines'));
        const rawBefore = await postedRaw(lines, influxd.port, 'raw');
        note('influx: shipped ...');
        const shipped = await ship(run, influxd, 'shipped', updates);
        note('influx: raw again ...');
        const rawAfter = await postedRaw(lines, influxd.port, 'raw2');
        const rawPerS = 2 / (1 / rawBefore + 1 / rawAfter);
        found(rowOf('shipped, beside the same lines posted raw', shipped, rawPerS));
        note('influx: shipped by a process that is killed in the middle, and by another ...');
        const killed = await ship(run, influxd, 'killed', updates, (500 * updates) / shipped.perS);
        const rest = await ship(run, influxd, 'killed', updates);
        const restMB = rest.growthMB;
        found(
          rowOf(
            'killed in the middle: the rest',
            { ...rest, growthMB: Math.max(killed.growthMB, restMB) },
            rawPerS,
          ),
        );
        for (const database of ['shipped', 'killed']) await verified(run, influxd, database, note);
        note('influx: 1,000,000 baud, alone and shipped ...');
        found(await paced(folder, influxd));
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
  share('of the run', 'share'),
];

interface Drained {
  readonly points: number;
  readonly perS: number;
  /** Resident memory at its most, over that after the first tenth. */
  readonly growthMB: number;
  readonly share: number;
}

const rowOf = (name: string, { perS, growthMB, share: part }: Drained, baselinePerS: number): Row => ({
  case: name,
  perS,
  baselinePerS,
  ratio: perS / baselinePerS,
  growthMB,
  share: part,
});

/** A soak's own run, with its updates over and over under ids and times of their own. */
async function madeRun(folder: string, updates: number): Promise<string> {
  const runs = join(folder, 'made');
  const base = Math.min(updates, 100_000);
  await fnloop(['soak', '--board', 'mock:dam-a', '--updates', `${base}`, '--runs', runs, '--json']);
  const [id = ''] = JSON.parse((await fnloop(['runs', 'list', '--runs', runs, '--json'])).stdout).map(
    ({ runId }: { runId: string }) => runId,
  ) as string[];
  const run = join(runs, id);
  const database = await Database.write(join(run, 'run.duckdb'));
  const [{ spanNs } = { spanNs: 0 }] = await database.query<{ spanNs: number }>(
    'SELECT max(time_ns) - min(time_ns) + 1000 AS "spanNs" FROM updates',
  );
  await database.query(`INSERT INTO updates
    SELECT u.* REPLACE (u.update_id + ${base} * n AS update_id, u.time_ns + ${spanNs} * n AS time_ns)
    FROM updates AS u, range(1, ${Math.ceil(updates / base)}) AS t(n) ORDER BY n, u.update_id`);
  database.close();
  return run;
}

interface LineFile {
  readonly path: string;
  readonly chunks: readonly { readonly at: number; readonly bytes: number; readonly points: number }[];
}

async function lineFile(run: string, path: string): Promise<LineFile> {
  const spool = await Spool.open(run);
  const reader = new ChunkReader(spool, new Map(), ROWS_OF_CHUNK);
  const file = createWriteStream(path);
  const chunks: { at: number; bytes: number; points: number }[] = [];
  let at = 0;
  for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) {
    if (chunk.points === 0) continue;
    const lines = Buffer.concat(chunk.lines);
    chunks.push({ at, bytes: lines.length, points: chunk.points });
    at += lines.length;
    if (!file.write(lines)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
  spool.close();
  return { path, chunks };
}

/** Nothing but posts, two under way; returns points a second. */
async function postedRaw({ path, chunks }: LineFile, port: number, database: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 2 });
  const file = openSync(path, 'r');
  const { INFLUX_USERNAME, INFLUX_PASSWORD } = INFLUX_USER;
  const post = (body: Buffer) =>
    new Promise<void>((resolve, reject) => {
      const sent = request(
        {
          port,
          agent,
          method: 'POST',
          path: `/write?db=${database}&precision=ns`,
          auth: `${INFLUX_USERNAME}:${INFLUX_PASSWORD}`,
        },
        (response) => {
          response.resume();
          response.on('end', () =>
            response.statusCode === 204 ? resolve() : reject(new Error(`status ${response.statusCode}`)),
          );
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  const waiting = chunks.values();
  const work = async () => {
    for (const { at, bytes } of waiting) {
      const body = Buffer.allocUnsafe(bytes);
      readSync(file, body, 0, bytes, at);
      await post(body);
    }
  };
  const startMs = performance.now();
  await Promise.all([work(), work()]);
  const points = chunks.reduce((sum, chunk) => sum + chunk.points, 0);
  agent.destroy();
  return points / ((performance.now() - startMs) / 1e3);
}

/** Ships by the command line and watches its memory; killed after `killAfterMs`. */
async function ship(
  run: string,
  influxd: Influxd,
  database: string,
  updates: number,
  killAfterMs?: number,
): Promise<Drained> {
  const child = spawn(
    process.execPath,
    [MAIN, 'influx', 'ship', run, '--influx', influxd.address(database), '--json'],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...INFLUX_USER } },
  );
  let stdout = '';
  child.stdout.on('data', (part: Buffer) => {
    stdout += part.toString();
  });
  const samplesMB: number[] = [];
  const startMs = performance.now();
  const looking = setInterval(() => {
    if (child.pid !== undefined) samplesMB.push(residentMB(child.pid));
    if (killAfterMs !== undefined && performance.now() - startMs > killAfterMs) child.kill('SIGKILL');
  }, LOOK_EVERY_MS);
  await once(child, 'close');
  clearInterval(looking);
  const warm = samplesMB
    .slice(Math.floor(WARM_SHARE * samplesMB.length))
    .filter((megabytes) => megabytes > 0);
  const growthMB = Math.max(...warm) - (warm[0] ?? 0);
  if (killAfterMs !== undefined) return { points: 0, perS: 0, growthMB, share: 0 };
  const [result] = JSON.parse(stdout) as { stored: number; perS: number; waiting: number }[];
  if (result === undefined || result.waiting > 0) throw new Error(`not all of it arrived: ${stdout}`);
  return { points: result.stored, perS: result.perS, growthMB, share: result.stored / updates };
}

function residentMB(pid: number): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    return (pages * 4096) / BYTES_PER_MB;
  } catch {
    // It has just ended.
    return 0;
  }
}

async function verified(
  run: string,
  influxd: Influxd,
  database: string,
  note: (line: string) => void,
): Promise<void> {
  note(`influx: run file and database ${database} compared ...`);
  await fnloop(['influx', 'verify', run, '--influx', influxd.address(database), '--json']);
}

async function paced(folder: string, influxd: Influxd): Promise<Row> {
  const soak = async (name: string, ...options: string[]): Promise<number> => {
    const { stdout } = await fnloop([
      ...['soak', '--board', 'mock:dam-a?baud=1000000', '--updates', `${PACED_UPDATES}`, '--json'],
      ...['--runs', join(folder, name), ...options],
    ]);
    return (JSON.parse(stdout) as { updatesPerS: number }).updatesPerS;
  };
  const alone = await soak('alone');
  const shippedPerS = await soak('with', '--influx', influxd.address('paced'));
  return {
    case: 'run at 1,000,000 baud, beside one that is not shipped',
    perS: shippedPerS,
    baselinePerS: alone,
    ratio: shippedPerS / alone,
    growthMB: 0,
    share: 1,
  };
}

async function fnloop(parameters: readonly string[]): Promise<{ stdout: string }> {
  const child = spawn(process.execPath, [MAIN, ...parameters], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...INFLUX_USER },
  });
  let stdout = '';
  child.stdout.on('data', (part: Buffer) => {
    stdout += part.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`fnloop ${parameters.join(' ')} exited with ${code}`);
  return { stdout };
}
