import type { Spool } from '../store/spool.ts';
import { ChunkReader } from './chunks.ts';

const ROWS_AT_A_TIME = 8000;

/**
 * All points of a run as a file for `influx -import -precision ns`, part by part. Begins with the database that they are
 * for; the retention policy is its default one where none is named.
 */
export async function* exportedLines(
  spool: Pick<Spool, 'query' | 'blobs' | 'manifest'>,
  database: string,
  retentionPolicy: string | undefined,
): AsyncGenerator<Uint8Array | string> {
  yield `# DML\n# CONTEXT-DATABASE: ${database}\n`;
  if (retentionPolicy !== undefined) yield `# CONTEXT-RETENTION-POLICY: ${retentionPolicy}\n`;
  const reader = new ChunkReader(spool, new Map(), ROWS_AT_A_TIME);
  for (;;) {
    const chunk = await reader.next();
    if (chunk === undefined) return;
    yield* chunk.lines;
  }
}
