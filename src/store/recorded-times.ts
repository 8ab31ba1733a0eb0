import type { Database } from './database.ts';
import type { Manifest } from './manifest.ts';
import { type Anchor, RecordTimes, type TimedTable, timedTables } from './record-times.ts';

/** The times of a record that is gone on with. */
export async function timesOfRecord(database: Database, { board }: Manifest): Promise<RecordTimes> {
  const latest = await database.query<{ table: TimedTable; timeNs: bigint | null }>(
    timedTables
      .map((table) => `SELECT '${table}' AS table, max(time_ns) AS "timeNs" FROM ${table}`)
      .join(' UNION ALL '),
  );
  const [anchor] = await database.query<Anchor>(`
    SELECT boot_nonce AS "bootNonce", readings.board_time_us AS "boardTimeUs", time_ns AS "timeNs"
    FROM readings JOIN steps USING (step, board_time_us) ORDER BY readings.rowid DESC LIMIT 1`);
  return new RecordTimes({
    clock: board.identity.clock,
    anchor,
    latestNs: new Map(
      latest.flatMap(({ table, timeNs }) => (timeNs === null ? [] : [[table, BigInt(timeNs)] as const])),
    ),
  });
}
