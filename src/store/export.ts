import { existsSync } from 'node:fs';
import { FnloopError, messageOf } from '../core/errors.ts';
import type { RunReader } from './run-reader.ts';
import type { TableName } from './tables.ts';

const formats = { parquet: 'FORMAT parquet, COMPRESSION zstd', csv: 'FORMAT csv, HEADER' } as const;
export type ExportFormat = keyof typeof formats;

/** Writes one table to a file, with the run's id and source in columns of their own. Returns the row count. Never overwrites. */
export async function exportTable(
  run: RunReader,
  table: TableName,
  file: string,
  format: ExportFormat,
): Promise<number> {
  if (existsSync(file)) {
    throw new FnloopError(
      'record-failed',
      `${file} exists already: export to another name, or remove it first.`,
    );
  }
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const { runId, source } = run.manifest;
  try {
    const [written] = await run.query<{ Count: number }>(
      `COPY (SELECT ${quoted(runId)} AS run_id, ${quoted(source)} AS source, * FROM ${table} ORDER BY rowid)
       TO ${quoted(file)} (${formats[format]})`,
    );
    return written?.Count ?? 0;
  } catch (cause) {
    throw new FnloopError(
      'record-failed',
      `Cannot export ${table} of run ${runId} to ${file}: ${messageOf(cause).split('\n')[0]}`,
      { cause },
    );
  }
}
