import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../core/errors.ts';
import { shippingState, shippingStates } from '../influx/shipping-state.ts';
import { readBoardState } from '../store/board-state-format.ts';
import { listRunIds } from '../store/run-folder.ts';
import { RunReader } from '../store/run-reader.ts';
import type { DaemonConfig } from './config.ts';

const NS_PER_DAY = 86_400_000_000_000n;
const BYTES_PER_GB = 1e9;

export interface RetentionParts {
  readonly runs: string;
  readonly keep: NonNullable<DaemonConfig['retention']>;
  /** Name of the database that runs are shipped to; undefined where they are not. */
  readonly target: string | undefined;
  /** Runs that jobs still need. */
  readonly isNeeded: (runId: string) => boolean;
  readonly nowWallNs: bigint;
  readonly log: (text: string) => void;
}

/** Deletes runs that are past their time, or more than fit, the oldest first. Returns their ids. */
export async function retainRuns(parts: RetentionParts): Promise<string[]> {
  const { runs, keep, isNeeded, nowWallNs, log } = parts;
  const open = openRuns(runs);
  const oldestFirst = listRunIds(runs);
  const sizes = new Map(oldestFirst.map((id) => [id, folderBytes(join(runs, id))]));
  let totalBytes = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
  const mostBytes = (keep.sizeGB ?? Number.POSITIVE_INFINITY) * BYTES_PER_GB;
  const deleted: string[] = [];
  for (const id of oldestFirst) {
    if (isNeeded(id) || open.has(id)) continue;
    const folder = join(runs, id);
    const ended = await endedAndShipped(folder, parts.target).catch((error: unknown) => {
      log(`Run ${id} is kept: ${messageOf(error)}`);
      return undefined;
    });
    if (ended === undefined) continue;
    const isOld =
      keep.days !== undefined &&
      nowWallNs - ended > BigInt(Math.round(keep.days * 1e6)) * (NS_PER_DAY / 1_000_000n);
    if (!isOld && totalBytes <= mostBytes) continue;
    rmSync(folder, { recursive: true });
    totalBytes -= sizes.get(id) ?? 0;
    deleted.push(id);
    log(
      `Run ${id} was deleted: it was ${isOld ? `older than ${keep.days} days` : `the oldest of more than ${keep.sizeGB} GB`}.`,
    );
  }
  return deleted;
}

/** When a run ended; undefined for one that did not finish, or of which rows wait for a database. */
async function endedAndShipped(folder: string, target: string | undefined): Promise<bigint | undefined> {
  return RunReader.with(folder, async (run) => {
    const { status, endedWallNs } = run.manifest;
    if (status !== 'finished' || !endedWallNs) return undefined;
    const states = await shippingStates(run);
    if (target !== undefined) states.push(await shippingState(run, target));
    return states.some(({ waiting }) => waiting > 0) ? undefined : BigInt(endedWallNs);
  });
}

/** Runs that boards have not been charged for. */
function openRuns(runs: string): ReadonlySet<string> {
  const folder = join(runs, 'boards');
  if (!existsSync(folder)) return new Set();
  const states = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => readBoardState(readFileSync(join(folder, file), 'utf8')));
  return new Set(states.flatMap((state) => (typeof state === 'string' ? [] : (state.openRun ?? []))));
}

const folderBytes = (folder: string): number =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => statSync(join(folder, file)))
    .reduce((sum, { size }) => sum + size, 0);
