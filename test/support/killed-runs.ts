import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Board } from '../../src/board/board.ts';
import { systemClock } from '../../src/core/clock.ts';
import { type Comparison, compareCounts } from '../../src/soak/comparison.ts';
import { RunReader } from '../../src/store/run-reader.ts';
import { parseAddress } from '../../src/transport/address.ts';
import { openEndpoint } from '../../src/transport/open.ts';
import type { Started } from './command-line.ts';
import { startFnloop } from './fnloop.ts';

/** The folder of the only run in a folder of runs. */
export const onlyRun = (runs: string): string =>
  join(runs, (existsSync(runs) ? readdirSync(runs) : []).find((name) => name.startsWith('2')) ?? 'none');

/** Bytes of a run's log, which grows with each commit until its process ends in order. */
function logBytes(runs: string): number {
  const log = join(onlyRun(runs), 'run.duckdb.wal');
  return existsSync(log) ? statSync(log).size : 0;
}

/** Resolves once the log of the only run has so many bytes. */
export async function untilLogHas(runs: string, bytes: number): Promise<void> {
  while (logBytes(runs) < bytes) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** A moment to kill a process at: so long after it has written so much more to its run's log. */
export interface KillMoment {
  readonly bytes: number;
  readonly delayMs: number;
}

/** Kills a process at a moment; says how it ended where that was earlier. */
export async function killAt(
  { child, ended }: Started,
  runs: string,
  { bytes, delayMs }: KillMoment,
  fromBytes = 0,
) {
  let isOver = false;
  void ended.finally(() => {
    isOver = true;
  });
  while (!isOver && logBytes(runs) < fromBytes + bytes)
    await new Promise((resolve) => setTimeout(resolve, 1));
  // Steps are committed as a whole: without a delay, all kills would come right after one.
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  child.kill('SIGKILL');
  const { code, stderr } = await ended;
  return { wasKilled: code === null, code, stderr };
}

/** Kills a resumption of the only run at each of the moments. Returns how many lived to be killed. */
export async function resumeAndKill(runs: string, moments: readonly KillMoment[]): Promise<number> {
  let kills = 0;
  for (const moment of moments) {
    const resumed = startFnloop('runs', 'resume', 'last', '--runs', runs, '--json');
    const { wasKilled } = await killAt(resumed, runs, moment, logBytes(runs));
    if (!wasKilled) break;
    kills += 1;
  }
  return kills;
}

/** The board's own pulse counts against those of a run, which had the board to itself from its making on. */
export async function countedAgainst(address: string, folder: string): Promise<Comparison> {
  const endpoint = await openEndpoint(parseAddress(address), { seed: 1 });
  const board = await Board.connect(endpoint, { clock: systemClock });
  try {
    return await RunReader.with(folder, (run) =>
      compareCounts(run, board, { since: 'ever', bootNonce: board.bootNonce, counts: [] }),
    );
  } finally {
    await board.close();
  }
}
