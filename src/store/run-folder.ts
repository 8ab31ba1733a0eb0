import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suggest } from '../config/problems.ts';
import { FnloopError } from '../core/errors.ts';

/** Names inside a run's own folder. */
export const RUN_FILE = 'run.duckdb';
export const REPORT_FILE = 'report.html';

/** A run id: when it started (UTC), what it was, and a tail that keeps two of one second apart. */
export function newRunId(startedWallNs: bigint, task: string, seed: number): string {
  const stamp = new Date(Number(startedWallNs / 1_000_000n))
    .toISOString()
    .replace(/[-:]|\..*/g, '')
    .replace('T', '-');
  return `${stamp}-${task}-s${seed}-${randomBytes(2).toString('hex')}`;
}

/** Ids of the runs in a folder, oldest first. */
export function listRunIds(runsFolder: string): string[] {
  if (!existsSync(runsFolder)) return [];
  return readdirSync(runsFolder)
    .filter((name) => existsSync(join(runsFolder, name, RUN_FILE)))
    .sort();
}

/** The folder of a run named by id, by path, or as `last`. Throws `file-missing`. */
export function findRun(runsFolder: string, nameOrPath: string): string {
  if (existsSync(join(nameOrPath, RUN_FILE))) return nameOrPath;
  if (nameOrPath.endsWith(RUN_FILE) && existsSync(nameOrPath) && statSync(nameOrPath).isFile()) {
    return nameOrPath.slice(0, -RUN_FILE.length) || '.';
  }
  const ids = listRunIds(runsFolder);
  const id = nameOrPath === 'last' ? ids.at(-1) : ids.find((candidate) => candidate === nameOrPath);
  if (id !== undefined) return join(runsFolder, id);
  const hint = ids.length === 0 ? 'the folder has no runs' : suggest(nameOrPath, ids.slice(-5));
  throw new FnloopError('file-missing', `There is no run '${nameOrPath}' in ${runsFolder}; ${hint}`);
}
