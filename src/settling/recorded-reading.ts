import type { ArrayReading, CellReading } from '../board/types.ts';
import type { RunFile } from '../store/run-file.ts';

interface ReadingRow extends CellReading {
  readonly bootNonce: number;
  readonly boardTimeUs: number;
  readonly temperatureK: number | null;
}

/** The last reading in the file of those that an SQL condition on `readings` allows, cells as they were read. */
export async function recordedReading(
  runFile: Pick<RunFile, 'query'>,
  condition = 'true',
): Promise<ArrayReading | undefined> {
  const rows = await runFile.query<ReadingRow>(`
    SELECT boot_nonce AS "bootNonce", board_time_us AS "boardTimeUs", converted_us AS "convertedUs", cell, set_code AS "setCode", reset_code AS "resetCode",
           temperature_k AS "temperatureK"
    FROM readings SEMI JOIN (SELECT step, boot_nonce, board_time_us FROM readings WHERE ${condition} ORDER BY rowid DESC LIMIT 1) AS last
      USING (step, boot_nonce, board_time_us) ORDER BY rowid`);
  const last = rows.at(-1);
  if (last === undefined) return undefined;
  const { bootNonce, boardTimeUs, temperatureK } = last;
  return {
    bootNonce,
    boardTimeUs,
    temperatureK: temperatureK ?? undefined,
    cells: rows.map(({ cell, setCode, resetCode, convertedUs }) => ({
      cell,
      setCode,
      resetCode,
      convertedUs,
    })),
  };
}
