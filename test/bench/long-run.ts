import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { ChunkReader } from '../../src/influx/chunks.ts';
import { Database } from '../../src/store/database.ts';
import { Spool } from '../../src/store/spool.ts';
import { fnloop } from './fnloop.ts';

const BASE_UPDATES = 100_000;

/** A soak's own run, with its rows over and over under ids, steps and times of their own; returns its folder. */
export async function longRun(folder: string, updates: number): Promise<string> {
  const runs = join(folder, 'made');
  const base = Math.min(updates, BASE_UPDATES);
  await fnloop(['soak', '--board', 'mock:dam-a', '--updates', `${base}`, '--runs', runs, '--json']);
  const [id = ''] = (
    JSON.parse(await fnloop(['runs', 'list', '--runs', runs, '--json'])) as { runId: string }[]
  ).map(({ runId }) => runId);
  const run = join(runs, id);
  const database = await Database.write(join(run, 'run.duckdb'));
  const [made = { spanNs: 0, steps: 0 }] = await database.query<{ spanNs: number; steps: number }>(
    'SELECT max(time_ns) - min(time_ns) + 1000 AS "spanNs", max(step) AS steps FROM steps',
  );
  for (let n = 1; n < updates / base; n += 1) {
    const again = `step + ${made.steps * n} AS step, time_ns + ${made.spanNs * n} AS time_ns`;
    await database.query(
      `INSERT INTO updates SELECT * REPLACE (update_id + ${base * n} AS update_id, ${again}) FROM updates WHERE update_id <= ${base} ORDER BY rowid`,
    );
    for (const table of ['steps', 'link'])
      await database.query(
        `INSERT INTO ${table} SELECT * REPLACE (${again}) FROM ${table} WHERE step BETWEEN 1 AND ${made.steps} ORDER BY rowid`,
      );
  }
  database.close();
  return run;
}

/** Lines in a file, by what goes into a post. */
export interface LineFile {
  readonly path: string;
  readonly posts: readonly { readonly at: number; readonly bytes: number; readonly points: number }[];
}

const ROWS_OF_POST = 8192;

/** The lines of a run, or its first so many. */
export async function lineFile(run: string, path: string, pointsAtMost: number): Promise<LineFile> {
  const spool = await Spool.open(run);
  const reader = new ChunkReader(spool, new Map(), ROWS_OF_POST);
  const file = createWriteStream(path);
  const posts: { at: number; bytes: number; points: number }[] = [];
  let [at, points] = [0, 0];
  while (points < pointsAtMost) {
    const chunk = await reader.next();
    if (chunk === undefined) break;
    if (chunk.points === 0) continue;
    const lines = Buffer.concat(chunk.lines);
    posts.push({ at, bytes: lines.length, points: chunk.points });
    at += lines.length;
    points += chunk.points;
    if (!file.write(lines)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
  spool.close();
  return { path, posts };
}
