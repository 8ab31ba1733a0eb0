import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { suggest } from '../config/suggest.ts';
import { FnloopError, messageOf } from '../core/errors.ts';
import { makeFolders } from '../core/files.ts';

/** Names inside a run's own folder. */
export const RUN_FILE = 'run.duckdb';
export const REPORT_FILE = 'report.html';
export const FIGURES_FOLDER = 'figures';

/** A run id: when it started (UTC, to the millisecond) and what it was. Ids sort by time. */
export function newRunId(startedWallNs: bigint, task: string, seed: number): string {
  const [day = '', time = ''] = new Date(Number(startedWallNs / 1_000_000n)).toISOString().split('T');
  const stamp = `${day.replaceAll('-', '')}-${time.replaceAll(':', '').replace('.', '-').replace('Z', '')}`;
  return `${stamp}-${task}-s${seed}`;
}

/** Makes the folder of a new run, and the folder of runs where it is missing. Throws `record-failed`. */
export function makeRunFolder(folder: string): void {
  try {
    makeFolders(dirname(resolve(folder)));
    mkdirSync(folder);
  } catch (cause) {
    throw new FnloopError('record-failed', `Cannot create the run folder ${folder}: ${messageOf(cause)}.`, {
      cause,
    });
  }
}

/** Ids of the runs in a folder, oldest first. */
export function listRunIds(runsFolder: string): string[] {
  if (!existsSync(runsFolder)) return [];
  try {
    return readdirSync(runsFolder)
      .filter((name) => existsSync(join(runsFolder, name, RUN_FILE)))
      .sort();
  } catch (cause) {
    throw new FnloopError('file-missing', `Cannot list the runs in ${runsFolder}: ${messageOf(cause)}.`, {
      cause,
    });
  }
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
