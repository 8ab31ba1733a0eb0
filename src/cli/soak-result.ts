import type { LinkStatistics } from '../board/link-statistics.ts';
import { quantity } from '../core/format.ts';
import { linkRows } from '../report/summary-rows.ts';
import type { Difference } from '../soak/comparison.ts';
import type { SoakOutcome } from '../soak/run-soak.ts';
import type { BatchSummary } from '../store/link-summary.ts';
import type { RunReader } from '../store/run-reader.ts';

/** What a soak amounts to: the object that `--json` prints. */
export interface SoakResult {
  readonly runId: string;
  readonly status: SoakOutcome['status'];
  readonly folder: string;
  readonly updates: number;
  readonly pulses: number;
  /** Pulses in the file that the board never emitted, and the other way round. */
  readonly lost: number;
  readonly repeated: number;
  readonly differences: readonly Difference[];
  readonly kills: number;
  readonly batches: BatchSummary;
  readonly link: LinkStatistics;
  readonly wallTimeS: number;
  readonly updatesPerS: number;
}

export async function soakResult(
  run: RunReader,
  { status, comparison }: SoakOutcome,
  batches: BatchSummary,
  link: LinkStatistics,
  kills: number,
): Promise<SoakResult> {
  const [counts = { updates: 0, pulses: 0 }] = await run.query<{ updates: number; pulses: number }>(
    'SELECT (SELECT count(*) FROM updates) AS updates, (SELECT count(*) FROM pulses) AS pulses',
  );
  const { runId, startedWallNs, endedWallNs } = run.manifest;
  const wallTimeS = Number(BigInt(endedWallNs ?? startedWallNs) - BigInt(startedWallNs)) / 1e9;
  return {
    runId,
    status,
    folder: run.folder,
    ...counts,
    lost: comparison?.lost ?? 0,
    repeated: comparison?.repeated ?? 0,
    differences: comparison?.differences ?? [],
    kills,
    batches,
    link,
    wallTimeS,
    updatesPerS: counts.updates / wallTimeS,
  };
}

/** The result in words and numbers. */
export function soakRows(result: SoakResult): [name: string, value: string][] {
  const { updates, pulses, lost, repeated, differences, kills, wallTimeS, updatesPerS } = result;
  return [
    ['run', `${result.runId} (${result.status})`],
    ['updates', `${updates} in ${pulses} pulses, ${Math.round(updatesPerS)} a second`],
    ['lost', `${lost} pulses`],
    ['repeated', `${repeated} pulses`],
    ...differences
      .slice(0, 8)
      .map(({ cell, kind, onBoard, recorded }): [string, string] => [
        `cell ${cell} ${kind}`,
        `${onBoard} pulses by the board's count, ${recorded} in the run file`,
      ]),
    ...linkRows(result),
    ['killed', `${kills} times`],
    ['time', quantity(wallTimeS, 's')],
    ['folder', result.folder],
  ];
}
