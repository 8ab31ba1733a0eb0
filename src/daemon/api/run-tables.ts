import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { exportTable } from '../../store/export.ts';
import type { RunReader } from '../../store/run-reader.ts';
import { type ColumnType, type Table, type TableName, tables } from '../../store/tables.ts';
import { type TableForm, tableMedia } from '../routes/runs.ts';
import { arrowSteps } from './arrow-stream.ts';

/**
 * A page of rows as JSON text. DuckDB spells the rows: ten thousand of them as objects would hold the event loop for a second.
 * Nanoseconds go as digits, since a JSON number would round them; what is not finite goes as null.
 */
export async function pageOf(
  run: RunReader,
  table: TableName,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<string> {
  const { runId } = run.manifest;
  const [counted] = await run.query<{ total: number }>(`SELECT count(*) AS total FROM ${table}`);
  const { columns }: Table = tables[table];
  const spelled = Object.entries(columns).map(([name, type]) => `${name} := ${spelling(name, type)}`);
  const rows: string[] = [];
  const page = `SELECT * FROM ${table} ORDER BY rowid LIMIT ${limit} OFFSET ${offset}`;
  const sql = `SELECT to_json(struct_pack(${spelled.join(', ')}))::VARCHAR FROM (${page})`;
  for await (const [texts = []] of run.columns(sql)) rows.push(texts.join(','));
  const head = JSON.stringify({ runId, table, total: counted?.total ?? 0, offset });
  return `${head.slice(0, -1)},"rows":[${rows.join(',')}]}`;
}

function spelling(column: string, type: ColumnType): string {
  switch (type.replace('?', '')) {
    case 'WALL_NS':
    case 'JSON':
      return `${column}::VARCHAR`;
    case 'DOUBLE':
      return `CASE WHEN isfinite(${column}) THEN ${column} END`;
    default:
      return column;
  }
}

/**
 * A whole table in a form of its own. It is first written beside, and only then sent: a reader that is slow, or stops reading,
 * keeps the run's file from nobody.
 */
export async function writtenTable(
  run: RunReader,
  table: TableName,
  form: Exclude<TableForm, 'json'>,
): Promise<{ readonly file: string; readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'fnloop-export-'));
  const file = join(folder, `${table}.${form}`);
  try {
    if (form === 'arrow') await pipeline([...arrowSteps(run, table), createWriteStream(file)]);
    else await exportTable(run, table, file, form);
    return { file, folder };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Sends what `writtenTable` wrote, and removes it. */
export async function sendWritten(
  { file, folder }: { readonly file: string; readonly folder: string },
  form: TableForm,
  downloadName: string,
): Promise<Response> {
  const { size } = await stat(file);
  const stream = createReadStream(file);
  stream.once('close', () => void rm(folder, { recursive: true, force: true }));
  return new Response(Readable.toWeb(stream) as ReadableStream<Uint8Array>, {
    headers: {
      'content-type': tableMedia[form],
      'content-length': String(size),
      'content-disposition': `attachment; filename="${downloadName}"`,
    },
  });
}
